/** Where a row begins: a status starts as the first of its choices, as a new ticket is open. */
import type { NewField } from '../../../../../contract/spec-operations.ts';

const statusWord = /(?:^|\s)(?:status|stage|phase|statut|étape|estado|etapa|stand|stufe)$/i;
/** `State` alone may be one of a country; beside such choices it is one of the work. */
const stateWord = /(?:^|\s)state$/i;
const begun = /^(?:new|open|to ?do|planned|draft|requested|received|waiting|pending|not started|idea|active)\b/i;

/** The field, with its first choice as the default where it is a status for which nobody said one. */
export function withFirstState(field: NewField): NewField {
  if (field.type !== 'choice' || field.default !== undefined || (field.choices?.length ?? 0) < 2) return field;
  const [first] = field.choices!;
  const label = typeof first === 'string' ? first : first!.label;
  const isStatus = statusWord.test(field.name) || (stateWord.test(field.name) && begun.test(label));
  return isStatus ? { ...field, default: label } : field;
}
