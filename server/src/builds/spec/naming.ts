/**
 * Names for tables, columns and addresses, derived from labels in any language. The result is safe in SQL, TypeScript and URLs without
 * quoting, and never collides with a name that is taken or reserved.
 */
import { specLimits } from '../../../../contract/spec.ts';
import { reservedColumns, reservedSlugs, reservedWords } from './reserved.ts';

const letters: Record<string, string> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i', ħ: 'h', ŋ: 'ng' },
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'y', к: 'k', л: 'l' },
  ...{ м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'h', ц: 'ts', ч: 'ch', ш: 'sh' },
  ...{ щ: 'shch', ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya', є: 'ye', і: 'i', ї: 'yi', ґ: 'g', ў: 'u' },
  ...{ α: 'a', β: 'v', γ: 'g', δ: 'd', ε: 'e', ζ: 'z', η: 'i', θ: 'th', ι: 'i', κ: 'k', λ: 'l', μ: 'm', ν: 'n' },
  ...{ ξ: 'x', ο: 'o', π: 'p', ρ: 'r', σ: 's', ς: 's', τ: 't', υ: 'y', φ: 'f', χ: 'ch', ψ: 'ps', ω: 'o' },
};

/** The label in small Latin letters and digits, words parted by one space; empty where no letter could be transliterated. */
export function transliterate(label: string): string {
  const folded = label
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’`]/g, '');
  const latin = [...folded].map((letter) => letters[letter] ?? letter).join('');
  return latin.replace(/[^a-z0-9]+/g, ' ').trim();
}

function base(label: string, fallback: string, separator: string): string {
  let words = transliterate(label).split(' ').filter(Boolean);
  if (words.length === 0) words = [fallback];
  if (/^[0-9]/.test(words[0]!)) words.unshift(fallback);
  while (words.length > 1 && words.join(separator).length > specLimits.identifier) words.pop();
  return words.join(separator).slice(0, specLimits.identifier);
}

/** The first of `name`, `name2`, `name3` … that is free. */
function free(name: string, separator: string, taken: (candidate: string) => boolean): string {
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? '' : `${separator}${count}`;
    const candidate = `${name.slice(0, specLimits.identifier - suffix.length).replace(/[-_]$/, '')}${suffix}`;
    if (!taken(candidate)) return candidate;
  }
}

/** A column for a field's label. @param taken the columns that the table has already */
export function columnFor(label: string, taken: Iterable<string>): string {
  const others = new Set(taken);
  const name = base(label, 'field', '_');
  const usable = reservedWords.has(name) || reservedColumns.has(name) ? `${name.slice(0, 22)}_value` : name;
  return free(usable, '_', (candidate) => others.has(candidate));
}

/** A slug for an entity's plural. @param taken the slugs that the spec has already */
export function slugFor(plural: string, taken: Iterable<string>): string {
  const others = new Set(taken);
  const name = base(plural, 'list', '-');
  const usable = reservedWords.has(name.replaceAll('-', '_')) || reservedSlugs.has(name) ? `${name}-list` : name;
  return free(usable, '-', (candidate) => others.has(candidate));
}

/** What the database keeps for a choice. @param taken the values of the other choices */
export function valueFor(label: string, taken: Iterable<string>): string {
  const others = new Set(taken);
  return free(base(label, 'choice', '_'), '_', (candidate) => others.has(candidate));
}

/** The table of an entity. */
export const tableOf = (entity: { slug: string }): string => entity.slug.replaceAll('-', '_');
