/**
 * Puts words of people into code. A label may hold quotes, HTML, braces, backticks or emoji: everything that generated files print
 * goes through here, so none of it is ever read as code.
 */

/** A TypeScript string. `<` is escaped where it could end a script inside a component. */
export function quoted(text: string): string {
  const body = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
    .replace(/<(?=[/!])/g, '\\u003c')
    .replace(/<(?=script|style)/gi, '\\u003c');
  return `'${body}'`;
}

/** Text that means nothing to Svelte, HTML or TypeScript. */
const plain = /^[\p{L}\p{N}\p{M} .,;:!?()/+*%€$£°#@=_~–—’“”-]*$/u;

/** Words between tags of a Svelte component. */
export const markup = (text: string): string => (plain.test(text) ? text : `{${quoted(text)}}`);

/** An attribute of a Svelte component, with its name. */
export const attribute = (name: string, text: string): string =>
  plain.test(text) ? `${name}="${text}"` : `${name}={${quoted(text)}}`;

/** Words inside a template string of TypeScript. */
export const inTemplate = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('`', '\\`')
    .replace(/\$\{/g, (open) => `\\${open}`)
    .replaceAll('\n', '\\n')
    .replace(/<(?=[/!])/g, '\\u003c')
    .replace(/<(?=script|style)/gi, '\\u003c');

/** A template string of TypeScript, and a place in it for an expression. */
export const template = (text: string): string => `\`${text}\``;
export const slot = (expression: string): string => `$\{${expression}}`;

/** Words in a Markdown line. */
export const markdown = (text: string): string => text.replace(/[\\`*_{}[\]<>#|!&]/g, (sign) => `\\${sign}`);

/** A key of an object: bare where TypeScript allows it. */
export const key = (name: string): string => (/^[a-z_][a-z0-9_]*$/i.test(name) ? name : quoted(name));

/** The lines as a file. `false` leaves a line out. */
export const file = (...lines: (string | false)[]): string => `${lines.filter((line) => line !== false).join('\n')}\n`;

/** The first letter small, for the middle of a sentence; abbreviations stay as they are. */
export const lower = (label: string): string =>
  /^\p{Lu}(\p{Ll}|$)/u.test(label) && !/^I( |$)/.test(label) ? label[0]!.toLowerCase() + label.slice(1) : label;

/** `a book`, `an author`. */
export const withArticle = (label: string): string => `${/^[aeiou]/i.test(label) ? 'an' : 'a'} ${lower(label)}`;

/** `title, author or notes`. */
export function orList(items: string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
