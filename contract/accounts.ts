/** Accounts: what the browser sends and gets for sign-in, and who it is signed in as. */
import { z } from 'zod';
import { label } from './label.ts';

const email = z
  .string({ error: 'Enter your e-mail address' })
  .trim()
  .max(254, 'This address is too long')
  .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'This does not look like an e-mail address');

const newPassword = z.string().min(8, 'Use at least 8 characters').max(200, 'Use at most 200 characters');

export const registerSchema = z.object({
  email,
  name: label(80, 'Your name'),
  password: newPassword,
  code: z
    .string()
    .trim()
    .max(64)
    .optional()
    .describe('Needed for the first account when the server is not on loopback'),
  invitation: z
    .string()
    .max(100)
    .optional()
    .describe('The token of an invitation: lets in where registration is closed'),
});
export const loginSchema = z.object({ email, password: z.string().min(1, 'Enter your password').max(200) });

export const userSchema = z.object({ id: z.uuid(), email: z.string(), name: z.string() });
export type User = z.infer<typeof userSchema>;

export const signedInSchema = z.object({
  user: userSchema,
  accessToken: z.string(),
  expiresIn: z.int().describe('seconds'),
});
export type SignedIn = z.infer<typeof signedInSchema>;

export const patchMeSchema = z.object({ name: label(80, 'Your name') });
export const changePasswordSchema = z.object({
  current: z.string().min(1, 'Enter the password that you have now').max(200),
  password: newPassword,
});

export const roleSchema = z.enum(['owner', 'admin', 'member']);

export const containerSchema = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  role: roleSchema,
  state: z.enum(['preparing', 'ready', 'failed']),
  problem: z.string().nullable(),
  frozen: z
    .object({ since: z.iso.datetime(), by: z.string() })
    .nullable()
    .describe('Nothing is written in its databases until somebody lifts it'),
});
export type Container = z.infer<typeof containerSchema>;

export const meSchema = z.object({
  user: userSchema,
  owner: z.boolean().describe('Owns this installation'),
  containers: z.array(containerSchema).describe('The one that this call is about first'),
});
export type Me = z.infer<typeof meSchema>;

export const installationSchema = z.object({
  claimed: z.boolean().describe('The first account exists'),
  registrationOpen: z.boolean(),
  codeNeeded: z.boolean().describe('The first account needs the code that the server printed'),
});
export type Installation = z.infer<typeof installationSchema>;

const containerName = label(80, 'The name');
export const createContainerSchema = z.object({ name: containerName });
export const patchContainerSchema = z.object({ name: containerName });

export const memberSchema = userSchema.extend({ role: roleSchema, since: z.iso.datetime() });
export type Member = z.infer<typeof memberSchema>;

const invitedRole = z.enum(['admin', 'member']);
export const invitationSchema = z.object({
  id: z.uuid(),
  role: invitedRole,
  email: z.string().nullable().describe('Who alone may use it; null: whoever has the link'),
  invitedBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const createInvitationSchema = z.object({ role: invitedRole.default('member'), email: email.optional() });
export const madeInvitationSchema = z.object({
  id: z.uuid(),
  url: z.string().describe('Shown this once: the link to pass on'),
});
export type MadeInvitation = z.infer<typeof madeInvitationSchema>;

/** What somebody who was given a link reads. */
export const invitationViewSchema = z.object({
  container: z.string(),
  invitedBy: z.string(),
  email: z.string().nullable(),
});
export type InvitationView = z.infer<typeof invitationViewSchema>;
export const patchMemberSchema = z.object({ role: roleSchema });
