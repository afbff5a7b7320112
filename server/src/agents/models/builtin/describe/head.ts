/** From what somebody calls a collection to what it is a collection of: `a reading list` → the app Reading list, the entity Book. */
import { type AppLanguage, specLimits } from '../../../../../../contract/spec.ts';
import { singularOf } from '../../../../builds/spec/plural.ts';
import { cleanName } from '../field-phrase.ts';
import { pluralIn, singularIn } from '../language/number.ts';
import { cut, sentenceCase, unquoted } from '../split.ts';
import { containers, entityOf, generic, wholeLists } from '../vocabulary.ts';

export interface Head {
  /** singular; undefined when nothing is said about what it keeps */
  entity: string | undefined;
  /** what an app for it would be called */
  title: string | undefined;
}

/** Polite and leading words, taken away again and again until none is left. */
const leads: RegExp[] = [
  /^(?:hi|hello|hey|ok(?:ay)?|so|well|please|thanks|and|also|then|now|first|next)\b[\s,!.]*/i,
  /^(?:can|could|would|will) you(?: please)?\s+/i,
  /^(?:my|our|the) [\p{L}’' -]{2,40}? (?:needs?|wants?|would like|is looking for)\s+(?:to (?:track|keep|manage|record)\s+)?/iu,
  /^(?!(?:i|we|you|they|it)\b)[\p{L}’'-]+(?: [\p{L}’'-]+){0,2} (?:needs|wants|would like)\s+(?=an?\s|the\s|[\p{L}-]+s\b)/iu,
  /^(?:i|we)(?:'d|'ll|’d|’ll| would| will|'m|’m| am|'re|’re| are)?(?: really| just| also)?\s+(?:want|need|like|love|wish|looking|going|have|plan|planning)(?:\s+(?:you|to|for|me|us|have))*\s+/i,
  /^(?:i|we) (?:also )?(?:track|keep|collect|manage|store|record|note|sell|rent out)\s+/i,
  /^(?:help|let) (?:me|us)\s+(?:to\s+)?/i,
  /^(?:make|build|create|give|set up|start|write|design|generate|develop|add|put together)(?: (?:me|us))?\s+/i,
  /^(?:keep(?:ing)? (?:track|a (?:list|record)) of|track(?:ing)?|manag(?:e|ing)|stor(?:e|ing)|record(?:ing)?|collect(?:ing)?|list(?:ing)?|log(?:ging)?|organi[sz](?:e|ing)|remember(?:ing)?|know|see|find out|save|saving|write down|hold(?:ing)?|show(?:ing)?|maintain(?:ing)?)\s+/i,
  /^\p{L}+(?:['’]s|s['’])\s+(?=\p{L})/iu,
  /^(?:an?|the|my|our|your|their|all|some|any|every|each|which|what|simple|small|little|basic|nice|new|another|second|personal|own|of|about|for|to|with)\s+/i,
  /^(?:app|application|tool|website|web ?app|site|page|system|program|place|something|database|spreadsheet|crud app|list|table|overview|entity|collection|log|record|register)\s+(?:of|for|to|that|which|where|in which)\s+(?:(?:i|we|you|people|one|me|us)\s+(?:can|could|will|may|want to|to)?\s*)?/i,
];

/** Takes leading words away. */
export function withoutLead(phrase: string): string {
  let rest = phrase.trim();
  for (let before = ''; before !== rest; ) {
    before = rest;
    for (const lead of leads) rest = rest.replace(lead, '').trim();
  }
  return rest;
}

/** `called “My books”`: a title that somebody gives. */
export function takeTitle(text: string): { title: string | undefined; rest: string } {
  const named = cut(text, /,?\s*\b(?:called|named|titled|with the (?:name|title))\s+/i);
  if (!named || !/\b(?:app|application|tool|list|tracker|website|site|one|it|log|diary|database)$/i.test(named.before))
    return { title: undefined, rest: text };
  const quoted = named.after.match(/^["“']([^"”']+)["”']/);
  const plain = named.after.match(/^([^,.:;\n]+?)(?=\s+(?:with|having|to|for|that|which|where|and it)\b|[,.:;\n]|$)/i);
  const title = (quoted ?? plain)?.[1]?.trim();
  if (!title) return { title: undefined, rest: text };
  const rest = `${named.before} ${named.after.slice((quoted ?? plain)![0].length)}`;
  return { title: sentenceCase(unquoted(title)).slice(0, specLimits.title), rest: rest.trim() };
}

/** `Mitgliederliste` → `Mitglieder`. */
const compound =
  /^(\p{L}{4,}?)(?:liste|verzeichnis|kartei|verwaltung|datenbank|übersicht|kalender|tagebuch|archiv|sammlung|planer|plan)$/iu;

/** Reads the words before the fields. */
export function readHead(phrase: string, language: AppLanguage = 'en'): Head {
  const purpose = withoutLead(phrase)
    .replace(/^(?:app|application|tool|system)\s+/i, '')
    .replace(
      /\s+(?:(?:for|of|in|on|at|de|des|du|von) (?:my|our|the|this|a|an|us|me|each|every)\b.*|for [\p{L}-]+s$|that (?:i|we).*|(?:i|we|you|they|people)(?:[’']\w+)? .*)$/iu,
      '',
    )
    .replace(/\s+(?:app|application|tool|web ?site)$/i, '');
  const name = cleanName(purpose.replace(/\s*\(.*\)\s*$/s, '')).slice(0, specLimits.label);
  const lower = name.toLowerCase();
  if (name === '' || generic.has(lower)) return { entity: undefined, title: undefined };
  const title = sentenceCase(name);
  const known = entityOf[lower] ?? entityOf[singularOf(lower)];
  if (wholeLists.has(lower)) return { entity: known ?? 'Entry', title };
  if (known && /\s(?:app|application|tool)$/i.test(phrase.trim())) return { entity: known, title };
  const words = name.split(/\s+/);
  const last = words.at(-1)!.toLowerCase();
  const of = language === 'de' ? words.at(-1)!.match(compound)?.[1] : undefined;
  if (of) return { entity: sentenceCase(singularIn([...words.slice(0, -1), of].join(' '), language)), title };
  const bound =
    last === 'book' &&
    /^(?:appointment|log|guest|address|order|cash|visitors?|phone|recipe)$/i.test(words.at(-2) ?? '');
  if (words.length > 1 && (containers.has(last) || bound)) {
    const kept = words.slice(0, -1).join(' ');
    const listed = entityOf[kept.toLowerCase()] ?? entityOf[singularOf(kept.toLowerCase())];
    const doing = /^\p{L}+ing$/iu.test(kept) && /^(?:log|diary|journal)$/.test(last) ? 'Entry' : undefined;
    return { entity: listed ?? doing ?? sentenceCase(singularIn(kept, language)), title };
  }
  if (words.length > 6) return { entity: undefined, title: undefined };
  const kept = name.replace(/^(?:favou?rite|best|most loved)\s+(?=\S)/i, '');
  const one = singularIn(name, language);
  return { entity: sentenceCase(singularIn(kept, language)), title: sentenceCase(pluralIn(one, language)) };
}
