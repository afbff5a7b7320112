/** Apps to begin with, as the first screen offers them. */
import { z } from 'zod';

export const starterSchema = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  picture: z.string().describe('The path of a picture of it'),
});
export type Starter = z.infer<typeof starterSchema>;
