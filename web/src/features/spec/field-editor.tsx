/** The form of one field: only the rules that its type can have are asked for. */
import { type FormEvent, useState } from 'react';
import {
  type Entity,
  type FieldType,
  fieldTypes,
  type Spec,
  type Field as SpecField,
} from '../../../../contract/spec.ts';
import type { NewField } from '../../../../contract/spec-operations.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { ChoiceEditor, type ChoiceLine } from './choice-editor.tsx';
import { Choose } from './choose.tsx';
import { formulaText, typeNames } from './words.ts';

export type GivenField = NewField & { name: string; type: FieldType };

interface Props {
  spec: Spec;
  entity: Entity;
  /** left out: a new one */
  field?: SpecField;
  onSave: (field: GivenField) => void;
  onCancel: () => void;
}

const numeric: FieldType[] = ['number', 'integer', 'money', 'percent', 'duration'];
const unique: FieldType[] = [
  'text',
  'number',
  'integer',
  'money',
  'date',
  'datetime',
  'time',
  'email',
  'phone',
  'url',
  'reference',
];
const withDefault: FieldType[] = [
  'text',
  'number',
  'integer',
  'money',
  'percent',
  'date',
  'datetime',
  'time',
  'choice',
];
const results = {
  number: 'Number',
  integer: 'Whole number',
  money: 'Money',
  percent: 'Per cent',
  duration: 'Duration',
};
const onDelete = { clear: 'Leave this empty', refuse: 'Stand in the way', delete: 'Delete this row too' };

export function FieldEditor({ spec, entity, field, onSave, onCancel }: Props) {
  const [name, setName] = useState(field?.name ?? '');
  const [type, setType] = useState<FieldType>(field?.type ?? 'text');
  const [required, setRequired] = useState(field?.required ?? false);
  const [differs, setDiffers] = useState(field?.unique ?? false);
  const [min, setMin] = useState(field?.min?.toString() ?? '');
  const [max, setMax] = useState(field?.max?.toString() ?? '');
  const [preset, setPreset] = useState(defaultOf(field));
  const [currency, setCurrency] = useState(field?.currency ?? 'EUR');
  const [target, setTarget] = useState(field?.target ?? spec.entities[0]?.id ?? '');
  const [whenGone, setWhenGone] = useState(field?.onDelete ?? 'clear');
  const [formula, setFormula] = useState(field?.formula ? formulaText(spec, field.formula) : '');
  const [result, setResult] = useState(field?.result ?? 'number');
  const [choices, setChoices] = useState<ChoiceLine[]>(
    field?.choices?.map(({ id, label }) => ({ key: id, id, label })) ?? [],
  );
  const ranged = numeric.includes(type) || type === 'rating';
  const isMoney = type === 'money' || (type === 'computed' && result === 'money');

  const save = (event: FormEvent) => {
    event.preventDefault();
    const number = (text: string) => (text.trim() === '' ? undefined : Number(text.replace(',', '.')));
    const sameFormula = field?.formula && formula === formulaText(spec, field.formula);
    onSave({
      name: name.trim(),
      type,
      ...(type !== 'boolean' && type !== 'computed' && { required }),
      ...(unique.includes(type) && { unique: differs }),
      ...(numeric.includes(type) && { min: number(min) }),
      ...(ranged && { max: number(max) }),
      ...(withDefault.includes(type) && { default: preset.trim() === '' ? undefined : asDefault(type, preset) }),
      ...(type === 'boolean' && { default: preset === 'yes' }),
      ...(isMoney && { currency }),
      ...(type === 'choice' && {
        choices: choices.filter(({ label }) => label.trim()).map(({ id, label }) => ({ id, label })),
      }),
      ...(type === 'reference' && { target, onDelete: required && whenGone === 'clear' ? 'refuse' : whenGone }),
      ...(type === 'computed' && { formula: sameFormula ? field.formula : formula, result }),
    });
  };

  return (
    <form onSubmit={save} className="grid gap-3 rounded-3 border border-line bg-raised p-3">
      <div className="grid gap-3 grid-cols-2 max-md:grid-cols-1">
        <Field
          label="Name"
          value={name}
          maxLength={60}
          required
          autoFocus={!field}
          onChange={(event) => setName(event.target.value)}
        />
        <Choose
          label="Kind"
          value={type}
          options={Object.fromEntries(fieldTypes.map((one) => [one, typeNames[one]]))}
          onChange={(value) => setType(value as FieldType)}
        />
        {type === 'reference' && !field && (
          <Choose
            label="Which list"
            value={target}
            options={Object.fromEntries(spec.entities.map((one) => [one.id, one.plural]))}
            onChange={setTarget}
          />
        )}
        {type === 'reference' && (
          <Choose
            label="When that row is deleted"
            value={whenGone}
            options={onDelete}
            onChange={(value) => setWhenGone(value as typeof whenGone)}
          />
        )}
        {type === 'computed' && (
          <>
            <Field
              label="Formula"
              className="col-span-2 max-md:col-span-1"
              value={formula}
              required
              help={`Names in curly brackets: {Price} * {Quantity}, or a total of another list: sum({Order lines.Amount}). ${numbersOf(entity)}`}
              onChange={(event) => setFormula(event.target.value)}
            />
            <Choose
              label="Shown as"
              value={result}
              options={results}
              onChange={(value) => setResult(value as typeof result)}
            />
          </>
        )}
        {isMoney && (
          <Field
            label="Currency"
            value={currency}
            maxLength={3}
            required
            onChange={(event) => setCurrency(event.target.value.toUpperCase())}
          />
        )}
        {numeric.includes(type) && (
          <Field label="At least" value={min} inputMode="decimal" onChange={(event) => setMin(event.target.value)} />
        )}
        {ranged && (
          <Field
            label={type === 'rating' ? 'Stars' : 'At most'}
            value={max}
            inputMode="decimal"
            onChange={(event) => setMax(event.target.value)}
          />
        )}
        {withDefault.includes(type) && (
          <Field
            label="Starts as"
            value={preset}
            help={type === 'date' ? 'A day as 2026-11-21, or today' : undefined}
            onChange={(event) => setPreset(event.target.value)}
          />
        )}
      </div>
      {type === 'choice' && <ChoiceEditor lines={choices} onChange={setChoices} />}
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {type !== 'boolean' && type !== 'computed' && (
          <Tick label="Must be filled in" checked={required} onChange={setRequired} />
        )}
        {unique.includes(type) && <Tick label="Different in every row" checked={differs} onChange={setDiffers} />}
        {type === 'boolean' && (
          <Tick label="Starts as yes" checked={preset === 'yes'} onChange={(on) => setPreset(on ? 'yes' : '')} />
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button type="submit">{field ? 'See what it does' : 'Add the field'}</Button>
        <Button look="bare" onClick={onCancel}>
          Leave it
        </Button>
      </div>
    </form>
  );
}

const Tick = ({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) => (
  <label className="inline-flex min-h-7 cursor-pointer items-center gap-2 text-13 max-md:min-h-11">
    <input
      type="checkbox"
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
      className="size-4 accent-[var(--accent)]"
    />
    {label}
  </label>
);

function defaultOf(field: SpecField | undefined): string {
  if (field?.default === undefined || field.default === false) return '';
  if (field.default === true) return 'yes';
  return field.choices?.find((choice) => choice.value === field.default)?.label ?? String(field.default);
}

const asDefault = (type: FieldType, text: string): string | number =>
  numeric.includes(type) && Number.isFinite(Number(text)) ? Number(text) : text;

function numbersOf(entity: Entity): string {
  const names = entity.fields
    .filter((one) => [...numeric, 'computed'].includes(one.type))
    .map((one) => `{${one.name}}`);
  return names.length > 0 ? `Here: ${names.join(', ')}.` : '';
}
