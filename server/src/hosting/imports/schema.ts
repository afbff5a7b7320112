/** The address of a repository that a person wants to bring in, and what comes of it. */
import { z } from 'zod';

export const repositoryAddress = z
  .string()
  .trim()
  .max(500)
  .refine(
    (text) => {
      if (!/^https?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return false;
      const url = new URL(text);
      return !url.username && !url.password && !url.search && !url.hash && url.pathname.length > 1;
    },
    { error: 'Give the web address of a git repository, such as https://host/name/repository' },
  );

/** What was found and done, in sentences for a person. */
export const importReport = z.object({
  appId: z.uuid(),
  slug: z.string(),
  title: z.string(),
  notes: z.array(z.string()),
});
