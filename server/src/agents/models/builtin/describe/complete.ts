/** Gives a list what it lacks (fields, choices, something to tell its rows apart), and says so. */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import { specLimits } from '../../../../../../contract/spec.ts';
import { readFields } from '../field-phrase.ts';
import { withFirstState } from '../first-state.ts';
import { pluralIn } from '../language/number.ts';
import { listed, withArticle } from '../say.ts';
import { sentenceCase } from '../split.ts';
import { plainFields, usualFieldsOf } from '../usual-fields.ts';
import type { DraftEntity } from './draft.ts';

/** Lists that tie others together, or are about a moment: they need no name of their own. */
const tellable = ['text', 'email', 'phone', 'date', 'datetime'];

const paid =
  /(?:^|\s)(?:order|invoice|payment|expense|donation|sale|fee|purchase|bill|deal|quote|transaction|income|contribution)$/i;

/** @param assumed gets a sentence for everything that was not said @param references how many other lists it points at */
export function complete(
  { name, fields: given }: DraftEntity,
  language: AppLanguage,
  assumed: string[],
  references: number,
): DraftEntity {
  const plain = (word: string) => (language === 'en' ? word.toLowerCase() : word);
  const many = plain(pluralIn(name, language));
  let fields = given.slice(0, specLimits.fields);
  const usual = usualFieldsOf(name, language);
  if (fields.length === 0 && references < 2) {
    fields = readFields(usual ?? plainFields[language]!);
    const names = fields.map((field) => plain(field.name));
    assumed.push(
      `You did not say what to keep of ${many}, so I took ${listed(names)}. Say what should be there instead.`,
    );
  }
  // what stands beside a subject and a date is a grade
  const grade = fields.find((field) => field.type === 'longtext' && /^note$/i.test(field.name));
  const graded = /^note$/i.test(name) || fields.some((field) => /^(?:fach|matière|prüfung)$/i.test(field.name));
  if (grade && (language === 'de' || language === 'fr') && graded) grade.type = 'number';
  const number = fields.find((field) => /^(?:number|no|nummer|numéro|número)$/i.test(field.name));
  // what has nothing but a number is known by it: `12a` is one too
  if (number?.type === 'integer' && !fields.some((field) => tellable.includes(field.type ?? 'text')))
    number.type = 'text';
  if (!fields.some((field) => tellable.includes(field.type ?? 'text')) && references === 0) {
    const [first] = readFields([usual?.[0] ?? plainFields[language]![0]!]);
    fields = [first!, ...fields];
    assumed.push(`I added ${plain(first!.name)}, so that one can tell ${many} apart.`);
  }
  for (const field of fields) {
    // what an order or an expense amounts to is money
    if (field.type === 'number' && paid.test(name) && /^(?:amount|sum|total|value)$/i.test(field.name))
      field.type = 'money';
    if (field.type === 'choice' && !field.choices?.length) {
      field.choices = ['A', 'B', 'C'];
      assumed.push(`You did not say what ${field.name} can be. I took A, B and C: say the real ones.`);
    } else if (field.type === 'choice' && /^(?:priority|status|difficulty)$/i.test(field.name.split(' ').at(-1)!)) {
      const standard = readFields([field.name])[0]?.choices;
      if (JSON.stringify(standard) === JSON.stringify(field.choices))
        assumed.push(`${field.name} can be ${listed(field.choices!.map(String))}, because you named no choices.`);
    }
  }
  if (!fields.some((field) => field.required !== undefined)) {
    const first = fields.find((field) => (field.type ?? 'text') === 'text') ?? fields[0];
    if (first && ['text', 'date', 'datetime'].includes(first.type ?? 'text')) {
      first.required = true;
      const one = `${/s$/.test(first.name) ? first.name.toLowerCase() : withArticle(first.name)}`;
      assumed.push(
        language === 'en'
          ? `${sentenceCase(withArticle(name))} always has ${one}; the rest may stay empty.`
          : `${first.name} of ${many} must be filled in; the rest may stay empty.`,
      );
    }
  }
  return { name, fields: fields.map(withFirstState) };
}
