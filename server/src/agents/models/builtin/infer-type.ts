/** Guesses a field's type from its name: `due date` is a date, `number of pages` a whole number, `is paid` a yes or no. */
import type { FieldType } from '../../../../../contract/spec.ts';
import { currencyIn } from './currency.ts';
import { compoundEnds, fieldWords, knownChoices } from './field-words.ts';

const lengths = /^(?:minutes|minuten|mins?|minutos)$/;
const counts = /^(?:seconds|days|weeks|months|years|pieces|points|people|tagen|jahren)$/;
const measures =
  /^(?:hours|cm|mm|m|km|m2|m²|metres|meters|square metres|square meters|miles|kg|g|grams|litres|liters|ml|degrees|celsius|feet|inches|stunden|metern|kilos?)$/;

/** The type, and the choices where the name brings its own. */
export function inferType(name: string): { type: FieldType; choices?: string[] } {
  const lower = name.toLowerCase().trim();
  const unit = lower.match(/\s(?:in|en)\s+(\S+(?: metres| meters)?)$/u)?.[1] ?? lower.match(/\(([^()]+)\)$/)?.[1];
  if (unit && currencyIn(unit)) return { type: 'money' };
  if (unit && lengths.test(unit)) return { type: 'duration' };
  if (unit && counts.test(unit)) return { type: 'integer' };
  if (unit && /^(?:percent|prozent|%)$/.test(unit)) return { type: 'percent' };
  if (unit && measures.test(unit)) return { type: 'number' };
  // a unit says nothing else about the type: `weight (kg)`
  const bare = lower.replace(/\s*\(.*\)$/, '').replace(/\s+(?:in|per) [\p{L}%€$£]+$/u, '');
  const words = bare.split(/\s+/);
  const last = words.at(-1)!;
  if (
    /^(?:number|amount|count|nombre|número|anzahl) (?:of|de|von|d’) ?/.test(lower) &&
    !/^n[úu]mero de (?:tel|serie|cuenta)/.test(lower)
  )
    return { type: 'integer' };
  if (/^(?:min|max|minimum|maximum|minimal|maximal)\.? \p{L}+s$/u.test(bare)) return { type: 'integer' };
  if (/^(?:goals|points|sets|games|runs|votes|tore|buts|goles) (?:for|against|scored|conceded|won|lost)/.test(bare))
    return { type: 'integer' };
  if (/^(?:date |day of |fecha (?:de|del) |jour de )/.test(lower))
    return lower.match(/(?:time|heure|hora)$/) ? { type: 'datetime' } : { type: 'date' };
  if (/^(?:prix|precio|coste|montant|frais|cuota) /.test(lower)) return { type: 'money' };
  if (/^(?:heure|hora) /.test(lower)) return { type: 'time' };
  if (/^(?:photo|foto|picture|image|imagen) (?:of|de|von|du) /.test(lower)) return { type: 'image' };
  if (/^(?:link|lien|enlace) (?:to|zu|vers|a) /.test(lower)) return { type: 'url' };
  if (/ (?:on|date)$/.test(lower)) return { type: 'date' };
  if (
    / (?:at|time)$/.test(lower) &&
    /^(?:given|taken|arrived|left|started|ended|checked in|checked out|logged|seen|sent|received) at$/.test(lower)
  )
    return { type: 'datetime' };
  if (/^(?:is|has|was|are|can|did|needs?|ist|hat) /.test(lower) || /\?$/.test(name)) return { type: 'boolean' };
  const known = knownChoices[last];
  if (known) return { type: 'choice', choices: known };
  if (/^(?:time|zeit|uhrzeit|heure|hora)$/.test(bare)) return { type: 'time' };
  const found = longest(words);
  if (found) return { type: found };
  if (last === 'number' || last === 'nummer') return { type: words.length > 1 ? 'text' : 'integer' };
  const compound = compoundEnds.find(([, end]) => end.test(last));
  if (compound) return { type: compound[0] };
  return { type: 'text' };
}

/** By the most last words that are known; a number in front of them says no more. */
function longest(words: string[]): FieldType | undefined {
  for (const count of [4, 3, 2, 1]) {
    if (count > words.length) continue;
    const end = words.slice(-count).join(' ');
    const found =
      fieldWords.find(([, known]) => known.has(end)) ??
      fieldWords.find(([, known]) => known.has(end.replace(/s$/, '')));
    if (found) return found[0];
  }
  return undefined;
}
