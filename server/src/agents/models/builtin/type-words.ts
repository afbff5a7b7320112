/** Words for types: `a whole number`, `yes/no`, `long text`. */
import type { FieldType } from '../../../../../contract/spec.ts';

const patterns: [FieldType, RegExp][] = [
  [
    'boolean',
    /^(?:yes ?[/-] ?no|yes or no|yes no|true ?\/ ?false|true or false|check ?box|tick ?box|boolean|bool|toggle|flag|switch)$/,
  ],
  [
    'longtext',
    /^(?:long ?text|longer text|multi-?line(?: text)?|several lines|text ?area|paragraphs?|notes|free text|rich text|langer text|texte long|texto largo)$/,
  ],
  [
    'integer',
    /^(?:whole numbers?|integers?|int|count|round numbers?|number without decimals|ganze zahl|nombre entier|número entero)$/,
  ],
  [
    'money',
    /^(?:money|currency|amount of money|price|€|\$|£|(?:(?:amount|price) in )?(?:eur|euros?|usd|(?:us )?dollars?|gbp|pounds|chf|francs)|geld|geldbetrag|argent|dinero)$/,
  ],
  ['percent', /^(?:percent|percentage|per cent|%|prozent|pourcentage|porcentaje)$/],
  ['number', /^(?:numbers?|numeric|decimals?(?: numbers?)?|amount|float|zahl)$/],
  [
    'datetime',
    /^(?:date ?(?:and|\+|&) ?time|date ?time|datetime|timestamp|moment|datum und uhrzeit|date et heure|fecha y hora)$/,
  ],
  ['time', /^(?:times?|time of day|clock time|uhrzeit|heure|hora)$/],
  ['duration', /^(?:duration|length of time|minutes|dauer|durée|duración)$/],
  ['date', /^(?:dates?|days?|calendar date|datum|fecha)$/],
  ['rating', /^(?:ratings?|stars?|star rating|bewertung|sterne)$/],
  ['email', /^(?:e-?mail(?: address)?|mail address)$/],
  ['phone', /^(?:(?:tele)?phone(?: number)?)$/],
  ['url', /^(?:url|link|web ?address|web ?site|web link|hyperlink)$/],
  ['image', /^(?:image|picture|photo|image upload|bild|foto|imagen)$/],
  ['file', /^(?:file|file upload|upload|attachment|document|datei|fichier|archivo)$/],
  [
    'choice',
    /^(?:choices?|drop-?down(?: list)?|select|selection|options?|pick ?list|enum|multiple choice|list of options|auswahl|liste|auswahlliste)$/,
  ],
  ['text', /^(?:(?:short |plain )?text|string|words?|one line|single line|line of text|texte|texto)$/],
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
