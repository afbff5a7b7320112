/** Problem details (RFC 9457) with a stable code: the shape of every error that the API answers. */
import { z } from 'zod';

export const problemSchema = z.object({
  type: z.string().describe('A URI that names the kind of problem'),
  title: z.string().describe('What happened, in plain words'),
  status: z.int(),
  code: z.string().describe('Stable, for programs'),
  detail: z.string().optional().describe('The way out'),
  fields: z.record(z.string(), z.string()).optional().describe('Message per input field'),
});
export type Problem = z.infer<typeof problemSchema>;
