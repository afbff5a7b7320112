/** Where a container's live database is: on this server, or at an address of its owner's own. */
import { z } from 'zod';

const host = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, { error: 'Say where it is.' })
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.:_-]*[a-z0-9])?$/, { error: 'Only a host’s name, without https:// and without a path.' });
const word = z
  .string()
  .min(1, { error: 'This is needed.' })
  .max(63)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^\u0000-\u001f]+$/, { error: 'It has a character that cannot be in a name.' });

export const outsideAddressSchema = z.object({
  host,
  port: z.int().min(1).max(65535).default(5432),
  database: word,
  user: word,
  password: z
    .string()
    .min(1, { error: 'A password is needed.' })
    .max(1000)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\u0000]+$/, { error: 'It has a character that cannot be in a password.' })
    .describe('Never shown again'),
  tls: z.boolean().default(true).describe('Only a host that this server’s owner has allowed may go without'),
  ca: z.string().trim().max(65536).nullable().default(null).describe('PEM of who vouches for its certificate'),
});
export type OutsideInput = z.output<typeof outsideAddressSchema>;

export const outsideFindingSchema = z.object({
  state: z.enum(['good', 'note', 'bad']),
  name: z.string(),
  text: z.string(),
  fix: z.string().nullable().describe('The one thing to do'),
});
export type OutsideFinding = z.infer<typeof outsideFindingSchema>;

export const outsideCheckSchema = z.object({
  fits: z.boolean().describe('Nothing is wrong'),
  findings: z.array(outsideFindingSchema),
});
export type OutsideCheck = z.infer<typeof outsideCheckSchema>;

export const outsideSchema = z.object({
  address: z
    .object({
      host: z.string(),
      port: z.int(),
      database: z.string(),
      user: z.string(),
      tls: z.boolean(),
      ownCertificate: z.boolean().describe('A certificate was pasted'),
      setBy: z.string(),
      setAt: z.iso.datetime(),
    })
    .nullable()
    .describe('Null: on this server'),
  fixed: z.boolean().describe('An app has its rows there: it cannot be moved any more'),
  mayChange: z.boolean(),
});
export type Outside = z.infer<typeof outsideSchema>;
