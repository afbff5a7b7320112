/** Slugs: the labels of addresses and names of schemas. 3 to 20 characters, a letter first, never `--`, never a reserved word. */
import { randomInt } from 'node:crypto';

// `c`, `rc` and `staging` are what stands between app and container in an address
const RESERVED = new Set(
  'www api app apps admin vibe platform mail ftp static assets status login account public internal rc staging live main master head root system postgres template information-schema pg-catalog changes src git con aux nul localhost test example'.split(
    ' ',
  ),
);
export const SLUG = /^[a-z][a-z0-9-]{1,18}[a-z0-9]$/;

export const isSlug = (text: string): boolean =>
  SLUG.test(text) &&
  !text.includes('--') &&
  !RESERVED.has(text) &&
  !text.startsWith('pg-') &&
  !text.startsWith('vibe-');

/** The nearest slug to a name: accents dropped, words joined by `-`, cut at a word. `fallback` where nothing is left. */
export function slugOf(name: string, fallback: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  let slug = '';
  for (const word of words) {
    const next = slug ? `${slug}-${word}` : word.replace(/^[0-9]+/, '');
    if (next.length > 20) break;
    slug = next;
  }
  if (!slug && words[0]) slug = words[0].replace(/^[0-9]+/, '').slice(0, 20);
  if (slug.length > 0 && slug.length < 3) slug = `${slug}-app`;
  return isSlug(slug) ? slug : fallback;
}

/** The same slug with a suffix: `books`, `books-2`, `books-3`, … still at most 20 characters. */
export function suffixed(slug: string, attempt: number): string {
  if (attempt === 1) return slug;
  const suffix = `-${attempt}`;
  return slug.slice(0, 20 - suffix.length).replace(/-+$/, '') + suffix;
}

/** Eight random characters: the middle of a preview's address. */
export function randomChat8(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');
}
