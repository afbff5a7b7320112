/** Cuts text into clauses and items without tearing apart what stands in quotes or parentheses. */

const pairs: Record<string, string> = { '(': ')', '[': ']', '"': '"', '“': '”' };

/** The same text with everything inside quotes and parentheses masked, so that a pattern matches only outside of them. */
export function outside(text: string): string {
  let masked = '';
  let until: string | undefined;
  const signs = [...text];
  for (const [index, sign] of signs.entries()) {
    if (until) {
      masked += sign === until ? sign : '\u0001'.repeat(sign.length);
      if (sign === until) until = undefined;
    } else {
      masked += sign;
      const closing = pairs[sign];
      if (closing && signs.indexOf(closing, index + 1) > 0) until = closing;
    }
  }
  return masked;
}

/** Splits where `separator` (a global pattern) matches outside of quotes and parentheses; empty parts are left out. */
export function splitOutside(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of outside(text).matchAll(separator)) {
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim()).filter((part) => /[\p{L}\p{N}\p{S}]/u.test(part));
}

/** The first match of a pattern outside of quotes and parentheses, with what stands before and after it. */
export function cut(text: string, pattern: RegExp): { before: string; match: string; after: string } | undefined {
  const match = outside(text).match(pattern);
  if (match?.index === undefined) return undefined;
  const end = match.index + match[0].length;
  return {
    before: text.slice(0, match.index).trim(),
    match: text.slice(match.index, end),
    after: text.slice(end).trim(),
  };
}

const word = '[\\p{L}\\p{N}-]+(?: [\\p{L}\\p{N}-]+)?';
const oneOf = new RegExp(
  `\\s(?:one of|either|can be|which is)\\s+((?:${word}\\s*,\\s*)*${word}\\s*,?\\s+or\\s+[\\p{L}\\p{N}-]+)`,
  'giu',
);

/** `category one of tools, toys, food`: no `or`, so the list goes to the end. */
const oneOfLast = new RegExp(`\\s(?:one of|either)\\s+(${word}(?:\\s*,\\s*${word})+)\\s*$`, 'iu');

/** Things in a list: parted by commas, `and`, `&`, plus signs, line breaks or bullets. */
export const items = (text: string): string[] =>
  splitOutside(
    text
      .replace(oneOf, ' ($1)')
      .replace(oneOfLast, ' ($1)')
      .replace(/(?<=[\p{L}]) yes(?:\/| or )no(?=\s*(?:,|and\b|$))/giu, ' (yes/no)'),
    /\s*(?:,\s*(?:and|or|as well as)\s+|[,\n•]|(?:^|\s)[-*]\s|\s(?:and|&|plus|as well as|\+)\s)\s*/gi,
  );

/** Choices in a list: like `items`, and `or` and slashes part them too. */
export const choicesIn = (text: string): string[] =>
  splitOutside(text, /\s*(?:,\s*(?:and|or)\s+|[,;\n/|]|\s(?:and|or)\s)\s*/gi).map((choice) =>
    unquoted(sentenceCase(choice)),
  );

/** Without the quotes around it. */
export const unquoted = (text: string): string =>
  text
    .trim()
    .replace(/^["“'‘](.*)["”'’]$/s, '$1')
    .trim();

/** With a capital first letter; the rest stays as it was written. */
export const sentenceCase = (text: string): string => {
  const trimmed = text.trim();
  return /^\p{Ll}/u.test(trimmed) ? trimmed[0]!.toUpperCase() + trimmed.slice(1) : trimmed;
};
