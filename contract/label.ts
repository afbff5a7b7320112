/** Names that people give: any language, quotes, HTML and emoji are fine, since whoever prints them escapes them. */
import { z } from 'zod';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

/** A line of text without what nobody sees: it could make a name look like another. @param what it is called in a refusal: The title */
export const label = (max: number, what: string) =>
  z
    .string()
    .overwrite((text) => text.normalize('NFC').replace(/\s+/g, ' ').trim())
    .min(1, `${what} is empty.`)
    .max(max, `${what} is longer than ${max} characters.`)
    .refine((text) => !control.test(text), `${what} has invisible control characters.`)
    .refine((text) => text.isWellFormed(), `${what} has a broken character.`);
