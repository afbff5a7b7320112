/** Guesses a field's type from its name: `due date` is a date, `number of pages` a whole number, `is paid` a yes or no. */
import type { FieldType } from '../../../../../contract/spec.ts';
import {
  booleanWords,
  dateWords,
  integerWords,
  knownChoices,
  longtextWords,
  numberWords,
  ratingWords,
} from './vocabulary.ts';

/** The type, and the choices where the name brings its own. */
export function inferType(name: string): { type: FieldType; choices?: string[] } {
  // a unit says nothing about the type: `weight (kg)`, `price in euros`
  const bare = name.replace(/\s*\(.*\)$/, '').replace(/\s+(?:in|per) [\p{L}%€$£]+$/iu, '');
  const unit = name.match(/\s+in (\p{L}+)$/iu)?.[1]?.toLowerCase();
  if (unit && /^(?:seconds|minutes|days|weeks|months|years|pieces|points)$/.test(unit)) return { type: 'integer' };
  if (
    unit &&
    /^(?:hours|cm|mm|m|km|metres|meters|miles|kg|g|grams|litres|liters|ml|percent|euros?|dollars?|pounds|eur|usd|gbp|degrees|celsius)$/.test(
      unit,
    )
  )
    return { type: 'number' };
  const words = bare.toLowerCase().trim().split(/\s+/);
  const ends = (known: ReadonlySet<string>) =>
    [1, 2, 3].some(
      (count) => known.has(words.slice(-count).join(' ')) || known.has(words.slice(-count).join(' ').replace(/s$/, '')),
    );
  const last = words.at(-1)!;
  if (/^(?:number|amount|count) of /.test(name.toLowerCase())) return { type: 'integer' };
  if (/^(?:date |day of )/.test(name.toLowerCase()) || / (?:on|date)$/.test(name.toLowerCase()))
    return { type: 'date' };
  if (/^(?:is|has|was|are|can|did|needs?) /.test(name.toLowerCase()) || /\?$/.test(name)) return { type: 'boolean' };
  if (knownChoices[last]) return { type: 'choice', choices: knownChoices[last] };
  if (last === 'number') return { type: words.length > 1 ? 'text' : 'integer' };
  if (ends(ratingWords)) return { type: 'rating' };
  if (ends(longtextWords)) return { type: 'longtext' };
  if (ends(dateWords)) return { type: 'date' };
  if (ends(integerWords)) return { type: 'integer' };
  if (ends(numberWords)) return { type: 'number' };
  if (ends(booleanWords)) return { type: 'boolean' };
  return { type: 'text' };
}
