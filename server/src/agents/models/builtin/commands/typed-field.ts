/** `add a yes/no field paid to orders`, `add a field weight to orders, a number`, `add a checkbox urgent to orders`: one field whose kind is said. */
import type { FieldType } from '../../../../../../contract/spec.ts';
import type { Context, Step } from '../outcome.ts';
import { exactEntity } from '../resolve.ts';
import { sentenceCase, unquoted } from '../split.ts';
import { typeNamed } from '../type-words.ts';

const verb = String.raw`^(?:also\s+)?(?:add|include|create|insert|put)\s+((?:(?:an?|the|another|one|new|optional|required|mandatory)\s+)*)`;
const target = String.raw`\s+(?:to|for|on|in)\s+(?:(?:the|each|every|all|my|our)\s+)?`;
const patterns: { pattern: RegExp; type: number; name: number; list: number }[] = [
  {
    pattern: new RegExp(
      String.raw`${verb}(.+?)\s+(?:fields?|columns?)\s+(?:called\s+|named\s+|for\s+)?(.+?)${target}([^,:()]+?)[.!]*$`,
      'i',
    ),
    type: 2,
    name: 3,
    list: 4,
  },
  {
    pattern: new RegExp(
      String.raw`${verb}((?:check|tick)\s?box|toggle|switch)\s+(?:called\s+|named\s+|for\s+)?(.+?)${target}([^,:()]+?)[.!]*$`,
      'i',
    ),
    type: 2,
    name: 3,
    list: 4,
  },
  {
    pattern: new RegExp(
      String.raw`${verb}(?:(?:field|column)\s+)?(?:called\s+|named\s+)?(.+?)${target}(.+?)(?:\s*[,:(]\s*|\s+(?:as|of type|which is|that is)\s+)(?:an?\s+)?([^,:()]+?)\)?[.!]*$`,
      'i',
    ),
    name: 2,
    list: 3,
    type: 4,
  },
  {
    pattern: new RegExp(
      String.raw`${verb}(?:field|column)\s+(?:called\s+|named\s+)?([^,:()]+?),\s*(?:an?\s+)?([^,:()]+?),?${target}([^,:()]+?)[.!]*$`,
      'i',
    ),
    name: 2,
    type: 3,
    list: 4,
  },
];

/** @returns nothing when no kind is said, or more than one field is meant */
export function typedField(context: Context, clause: string): Step | undefined {
  for (const { pattern, ...at } of patterns) {
    const match = pattern.exec(clause);
    if (!match) continue;
    const type: FieldType | undefined = typeNamed(match[at.type]!);
    const entity = exactEntity(context, match[at.list]!);
    const name = unquoted(match[at.name]!).trim();
    // its choices, or what it belongs to, are said in other ways
    if (!type || type === 'choice' || !entity || /[,:;()=]|\b(?:and|with|or)\b/i.test(name) || name === '') continue;
    const said = match[1]!.toLowerCase();
    const required = /required|mandatory/.test(said) ? true : /optional/.test(said) ? false : undefined;
    return {
      operations: [
        {
          op: 'add_field',
          entity: entity.plural,
          field: { name: sentenceCase(name), type, ...(required === undefined ? {} : { required }) },
        },
      ],
    };
  }
  return undefined;
}
