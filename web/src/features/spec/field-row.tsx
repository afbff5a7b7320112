/** A field as one line to read; it opens to be changed. */
import { ArrowDown, ArrowUp, ChevronRight, Eye, EyeOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Entity, Field, Spec } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { FieldEditor, type GivenField } from './field-editor.tsx';
import type { SpecDraft } from './use-spec-draft.ts';
import { rulesOf, typeNames } from './words.ts';

interface Props {
  draft: SpecDraft;
  spec: Spec;
  entity: Entity;
  field: Field;
  index: number;
}

export function FieldRow({ draft, spec, entity, field, index }: Props) {
  const [open, setOpen] = useState(false);
  const at = { entity: entity.id, field: field.id };
  const move = (to: number) => {
    const ids = entity.fields.map(({ id }) => id);
    ids.splice(to, 0, ...ids.splice(index, 1));
    void draft.add({ op: 'order_fields', entity: entity.id, fields: ids });
  };
  const save = async ({ name, type, target: _, ...changes }: GivenField) => {
    const wanted: SpecOperation[] = [];
    if (name !== field.name) wanted.push({ op: 'rename_field', ...at, name });
    const altered = changedOnly(field, { type, ...changes });
    if (Object.keys(altered).length > 0) wanted.push({ op: 'alter_field', ...at, changes: altered });
    for (const operation of wanted) if (!(await draft.add(operation))) return;
    setOpen(false);
  };
  const id = `field-${field.id}`;
  return (
    <li className="border-line not-first:border-t">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex min-h-9 w-full items-baseline gap-2 px-3 py-1.5 text-left hover:bg-hover max-md:min-h-11"
      >
        <ChevronRight
          size={13}
          aria-hidden="true"
          className={cx('shrink-0 self-center text-ink-3 transition-transform', open && 'rotate-90')}
        />
        <span className="font-mid">{field.name}</span>
        <span className="text-12 text-ink-2">{typeNames[field.type]}</span>
        <span className="min-w-0 flex-1 truncate text-12 text-ink-3">{rulesOf(spec, field).join(' · ')}</span>
      </button>
      {open && (
        <div id={id} className="grid gap-3 px-3 pt-1 pb-3">
          <div className="flex flex-wrap gap-1">
            <Button
              look="bare"
              aria-label={`Move ${field.name} up`}
              disabled={index === 0}
              onClick={() => move(index - 1)}
            >
              <ArrowUp size={14} aria-hidden="true" /> Up
            </Button>
            <Button
              look="bare"
              aria-label={`Move ${field.name} down`}
              disabled={index === entity.fields.length - 1}
              onClick={() => move(index + 1)}
            >
              <ArrowDown size={14} aria-hidden="true" /> Down
            </Button>
            <Button
              look="bare"
              onClick={() => void draft.add({ op: 'show_field', ...at, listed: field.listed === false })}
            >
              {field.listed === false ? <Eye size={14} aria-hidden="true" /> : <EyeOff size={14} aria-hidden="true" />}
              {field.listed === false ? 'Show in the list' : 'Hide from the list'}
            </Button>
            {entity.displayField !== field.id && (
              <Button look="bare" onClick={() => void draft.add({ op: 'set_display', ...at })}>
                Call rows by this
              </Button>
            )}
            <Button look="bare" onClick={() => void draft.add({ op: 'remove_field', ...at })}>
              <Trash2 size={14} aria-hidden="true" /> Remove
            </Button>
          </div>
          <FieldEditor spec={spec} entity={entity} field={field} onCancel={() => setOpen(false)} onSave={save} />
        </div>
      )}
    </li>
  );
}

/** What differs from the field as it is; a rule that was emptied is taken away. */
function changedOnly(field: Field, wanted: Partial<GivenField>): Record<string, unknown> {
  const before: Record<string, unknown> = { ...field, choices: field.choices?.map(({ id, label }) => ({ id, label })) };
  const changes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(wanted))
    if (JSON.stringify(value ?? null) !== JSON.stringify(before[key] ?? null)) changes[key] = value ?? null;
  if (changes.default === null && field.type === 'boolean') delete changes.default;
  return changes;
}
