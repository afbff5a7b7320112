/** One list of the spec: its fields as a table that can be read, opened, reordered and added to. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Entity, Spec } from '../../../../contract/spec.ts';
import { Button } from '../../components/button.tsx';
import { FieldEditor } from './field-editor.tsx';
import { FieldRow } from './field-row.tsx';
import { NameEditor } from './name-editor.tsx';
import type { SpecDraft } from './use-spec-draft.ts';
import { displayName } from './words.ts';

interface Props {
  draft: SpecDraft;
  spec: Spec;
  entity: Entity;
  index: number;
}

export function EntityCard({ draft, spec, entity, index }: Props) {
  const [adding, setAdding] = useState(false);
  const move = (to: number) => {
    const ids = spec.entities.map(({ id }) => id);
    ids.splice(to, 0, ...ids.splice(index, 1));
    void draft.add({ op: 'order_entities', entities: ids });
  };
  return (
    <section aria-label={entity.plural} className="mb-5 rounded-3 border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-1 border-b border-line px-3 py-1.5">
        <div className="min-w-0 flex-1">
          <NameEditor
            level={3}
            heading={entity.plural}
            what={`the list ${entity.plural}`}
            names={[
              { label: 'One of them', value: entity.name },
              { label: 'Several', value: entity.plural },
            ]}
            onRename={([name, plural]) =>
              draft.add({ op: 'rename_entity', entity: entity.id, name: name!, plural: plural! })
            }
          />
        </div>
        <Button
          look="bare"
          size="icon"
          aria-label={`Move ${entity.plural} up`}
          disabled={index === 0}
          onClick={() => move(index - 1)}
        >
          <ArrowUp size={14} aria-hidden="true" />
        </Button>
        <Button
          look="bare"
          size="icon"
          aria-label={`Move ${entity.plural} down`}
          disabled={index === spec.entities.length - 1}
          onClick={() => move(index + 1)}
        >
          <ArrowDown size={14} aria-hidden="true" />
        </Button>
        <Button
          look="bare"
          size="icon"
          aria-label={`Remove ${entity.plural}`}
          onClick={() => void draft.add({ op: 'remove_entity', entity: entity.id })}
        >
          <Trash2 size={14} aria-hidden="true" />
        </Button>
      </header>
      <p className="px-3 pt-2 text-12 text-ink-3">
        {entity.link
          ? 'Ties rows of two lists together. It is shown on their pages.'
          : `Each ${entity.name} is called by its ${displayName(entity)}.`}
      </p>
      <ul className="py-1">
        {entity.fields.map((field, at) => (
          <FieldRow key={field.id} draft={draft} spec={spec} entity={entity} field={field} index={at} />
        ))}
      </ul>
      <div className="px-3 pb-3">
        {adding ? (
          <FieldEditor
            spec={spec}
            entity={entity}
            onCancel={() => setAdding(false)}
            onSave={async (given) => {
              if (await draft.add({ op: 'add_field', entity: entity.id, field: given })) setAdding(false);
            }}
          />
        ) : (
          <Button look="bare" onClick={() => setAdding(true)}>
            <Plus size={14} aria-hidden="true" /> Add a field
          </Button>
        )}
      </div>
    </section>
  );
}
