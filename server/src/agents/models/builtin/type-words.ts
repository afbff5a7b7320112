/** Words for types: `a whole number`, `yes/no`, `long text`. */
import type { FieldType } from '../../../../../contract/spec.ts';

const patterns: [FieldType, RegExp][] = [
  [
    'boolean',
    /^(?:yes ?[/-] ?no|yes or no|yes no|true ?\/ ?false|true or false|check ?box|tick ?box|boolean|bool|toggle|flag|switch)$/,
  ],
  [
    'longtext',
    /^(?:long ?text|longer text|multi-?line(?: text)?|several lines|text ?area|paragraphs?|notes|free text|rich text)$/,
  ],
  ['integer', /^(?:whole numbers?|integers?|int|count|round numbers?|number without decimals)$/],
  [
    'number',
    /^(?:numbers?|numeric|decimals?(?: numbers?)?|money|currency|amount|price|€|\$|£|eur|euros?|usd|dollars?|gbp|float)$/,
  ],
  ['date', /^(?:dates?|days?|calendar date)$/],
  ['rating', /^(?:ratings?|stars?|star rating)$/],
  ['choice', /^(?:choices?|drop-?down|select|selection|options?|pick ?list|enum|multiple choice|list of options)$/],
  ['text', /^(?:(?:short |plain )?text|string|words?|one line|single line|line of text)$/],
];

/** The type that a phrase such as `a long text field` names, if it names one and nothing else. */
export function typeNamed(phrase: string): FieldType | undefined {
  const bare = phrase
    .trim()
    .toLowerCase()
    .replace(/^(?:an?|the|as|of type)\s+/, '')
    .replace(/\s+(?:fields?|columns?|box|input|type|question)$/, '');
  return patterns.find(([, pattern]) => pattern.test(bare))?.[0];
}
