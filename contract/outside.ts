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

export const leftThereSchema = z.object({
  where: z.string().describe('database at host:port'),
  user: z.string(),
  schemas: z.array(z.string()),
  publications: z.array(z.string()),
  slots: z.array(z.string()),
  roles: z.array(z.string()),
  sql: z.string().describe('What removes it, for a person to run there'),
});
export type LeftThere = z.infer<typeof leftThereSchema>;

export const leftoverSchema = leftThereSchema.extend({
  id: z.uuid(),
  app: z.string(),
  kind: z.enum(['app', 'mirror', 'rows', 'chats']),
  leftAt: z.iso.datetime(),
  until: z.iso.datetime().nullable().describe('Until then it is removed there when it answers; null: only by hand'),
  words: z.string().describe('Why it is still there'),
});
export type Leftover = z.infer<typeof leftoverSchema>;

/** What deleting an app would leave on a server that does not answer now. */
export const appLeavesSchema = z.object({
  leaves: leftThereSchema.nullable().describe('Null: nothing, or its live database answers'),
  because: z.string().describe('Why it does not answer'),
});
export type AppLeaves = z.infer<typeof appLeavesSchema>;

/** The host’s name, typed: what live has written since staging’s copy last followed is given up with it. */
export const giveUpSchema = z.object({ host: z.string().max(253) });

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
  givingUp: z.boolean().describe('An owner has given it up, and its apps are being brought back'),
  fixed: z.boolean().describe('An app has its rows there: it cannot be moved any more'),
  mayChange: z.boolean(),
});
export type Outside = z.infer<typeof outsideSchema>;
