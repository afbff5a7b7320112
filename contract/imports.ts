/** Bringing an app in that exists already. */
import { z } from 'zod';

export const importAppSchema = z.object({
  address: z.string().trim().min(1, 'Give the address of the repository').max(500),
  containerId: z.uuid().optional(),
});

/** What the message of an import carries, in the place of a form's operations. */
export const importRequest = z.tuple([z.object({ op: z.literal('import_repository'), address: z.string() })]);
export type ImportRequest = z.infer<typeof importRequest>;
