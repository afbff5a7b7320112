/** A new list: what one of them is called, and the field that it is called by. */
import { type FormEvent, useState } from 'react';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';

interface Props {
  onAdd: (operation: SpecOperation) => void;
  onCancel: () => void;
}

export function AddEntity({ onAdd, onCancel }: Props) {
  const [name, setName] = useState('');
  const [plural, setPlural] = useState('');
  const [first, setFirst] = useState('Name');
  const add = (event: FormEvent) => {
    event.preventDefault();
    onAdd({
      op: 'add_entity',
      name: name.trim(),
      ...(plural.trim() && { plural: plural.trim() }),
      fields: [{ name: first.trim(), type: 'text', required: true }],
    });
  };
  return (
    <form onSubmit={add} className="mb-5 grid gap-3 rounded-3 border border-line bg-raised p-3">
      <div className="grid gap-3 grid-cols-3 max-md:grid-cols-1">
        <Field
          label="One of them"
          placeholder="Book"
          value={name}
          required
          maxLength={60}
          autoFocus
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label="Several (optional)"
          placeholder="Books"
          value={plural}
          maxLength={60}
          onChange={(event) => setPlural(event.target.value)}
        />
        <Field
          label="First field"
          value={first}
          required
          maxLength={60}
          onChange={(event) => setFirst(event.target.value)}
        />
      </div>
      <div className="flex gap-2">
        <Button type="submit">Add the list</Button>
        <Button look="bare" onClick={onCancel}>
          Leave it
        </Button>
      </div>
    </form>
  );
}
