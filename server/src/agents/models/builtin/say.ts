/** Puts a person's words into an answer: short, on one line, and never read as Markdown or HTML. */
export function say(words: string): string {
  const line = words.replace(/\s+/g, ' ').trim();
  const short = [...line].length > 60 ? `${[...line].slice(0, 57).join('')} …` : line;
  return `“${escaped(short)}”`;
}

/** The same without quotes, for labels inside a sentence. */
export const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>#|!~]/g, (sign) => `\\${sign}`);
