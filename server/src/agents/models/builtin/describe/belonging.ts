/** `… and belongs to a customer` in a list of fields: what each row belongs to is another list, never a field of that name. */

const lead = '(?:(?:and|also|each|every|it|they|which|that|who|one|always|must|can|should|qui|que|die|der|das)\\s+)*';
const article = '(?:(?:the|an?|one|exactly|each|every|its|their|my|our|single|dem|den|der|einem|einer|al|el)\\s+)*';
const thing = "([\\p{L}][\\p{L}’'-]*(?: (?!(?:and|with|or)\\b)[\\p{L}’'-]+){0,2})";
const verb = '(?:belongs? to|belonging to)';
const whole = new RegExp(`^${lead}${verb}\\s+${article}${thing}[.!]?$`, 'iu');
const after = new RegExp(
  `^(.+?),?\\s+(?:that|which|who|qui|que|die|der|das)\\s+${verb}\\s+${article}${thing}[.!]?$`,
  'iu',
);

export interface Belonging {
  /** what stood before it: a field of its own */
  field?: string;
  /** what each row belongs to, as it was written */
  to: string;
}

/** @param part one item of a list of fields, in English words */
export function belonging(part: string): Belonging | undefined {
  const alone = part.trim().match(whole);
  if (alone) return { to: alone[1]! };
  const behind = part.trim().match(after);
  return behind ? { field: behind[1]!, to: behind[2]! } : undefined;
}
