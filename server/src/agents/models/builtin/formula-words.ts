/** `total = hours * 60 + parts cost`: a computed field from names as people write them. */
import type { FieldType } from '../../../../../contract/spec.ts';
import type { NewField } from '../../../../../contract/spec-operations.ts';

const numbers: FieldType[] = [
  'number',
  'integer',
  'money',
  'percent',
  'duration',
  'rating',
  'computed',
  'date',
  'datetime',
  'boolean',
];

/** @param fields those that it may name; a text among them becomes a number, a time a duration, since it is calculated with */
export function computedField(name: string, sum: string, fields: NewField[]): NewField {
  const used: NewField[] = [];
  const known = fields.toSorted((a, b) => b.name.length - a.name.length);
  const parts = sum
    .replace(/(?<=[\p{L}\d)]) (?:x|×|times) (?=[\p{L}\d(])/giu, ' * ')
    .replace(/ (?:divided by|÷|:) /gi, ' / ')
    .replace(/ (?:minus|−|–) /gi, ' - ')
    .replace(/ plus /gi, ' + ')
    .split(/([-+*/()])/);
  let readable = true;
  const formula = parts
    .map((part) => {
      const bare = part.trim().replace(/[.,]$/, '');
      if (bare === '' || /^[-+*/()]$/.test(bare)) return bare;
      if (/^\d+(?:[.,]\d+)?$/.test(bare)) return bare.replace(',', '.');
      const percent = bare.match(/^(\d+(?:[.,]\d+)?) ?%$/);
      if (percent) return `${Number(percent[1]!.replace(',', '.')) / 100}`;
      const wanted = bare.toLowerCase().replace(/^(?:the|its|their) /, '');
      const field =
        known.find((one) => one.name.toLowerCase() === wanted) ??
        known.find((one) => one.name.toLowerCase().startsWith(wanted));
      if (!field) {
        readable = false;
        return '';
      }
      used.push(field);
      return `{${field.name}}`;
    })
    .filter(Boolean)
    .join(' ');
  if (!readable || used.length === 0) return { name, type: 'number' };
  for (const field of used) {
    if (field.type === 'time') field.type = 'duration';
    else if (!numbers.includes(field.type ?? 'text')) field.type = 'number';
  }
  return { name, type: 'computed', formula, ...resultOf(formula, used) };
}

/** Money stays money unless it is divided by money. */
function resultOf(formula: string, used: NewField[]): Pick<NewField, 'result' | 'currency'> {
  const money = used.filter((field) => field.type === 'money');
  if (money.length > 0 && !(formula.includes('/') && money.length > 1))
    return { result: 'money', ...(money[0]!.currency && { currency: money[0]!.currency }) };
  return {};
}
