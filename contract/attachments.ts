/** Files that a person adds to a message, and pictures that a look at an app made. What they are is decided by their content. */
import { z } from 'zod';

/** Everything that is no picture and no text is kept and given back, and shown to no model. */
export const attachmentKind = z.enum(['image', 'text', 'file']);

export const attachmentSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: attachmentKind,
  mediaType: z.string(),
  size: z.int().describe('Bytes'),
  width: z.int().optional().describe('Of a picture, in pixels'),
  height: z.int().optional(),
});
export type Attachment = z.infer<typeof attachmentSchema>;
