/** Puts a person's words into an answer: short, on one line, and never read as Markdown or HTML. */
export function say(words: string): string {
  const line = words.replace(/[\s\u2060]+/g, ' ').trim();
  const short = [...line].length > 60 ? `${[...line].slice(0, 57).join('')} …` : line;
  return `“${escaped(short)}”`;
}

/** The same without quotes, for labels inside a sentence. */
export const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>#|!~]/g, (sign) => `\\${sign}`);

export const withArticle = (name: string): string => `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name.toLowerCase()}`;

/** `a, b and c` */
export const listed = (words: string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
