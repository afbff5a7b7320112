/** What a package may be called and which versions may be named: a name and a number at the registry, never a path, an address or an alias. */
import { z } from 'zod';

const PART = '[a-z0-9][a-z0-9._-]*';
const NAME = new RegExp(`^(@${PART}/)?${PART}$`);
/** npm itself refuses these. */
const NOT_NAMES = new Set(['node_modules', 'favicon.ico']);

export const packageName = z
  .string()
  .max(214)
  .refine((name) => NAME.test(name) && !NOT_NAMES.has(name), {
    error:
      'must be the name of a package at the registry, such as dayjs or @scope/name: no path, address, alias or version',
  });

export const exactVersion = z
  .string()
  .max(80)
  .regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/, {
    error: 'must be one exact version, such as 1.2.3',
  });

/** What the registry itself says of one version: what a person decides by. */
export const packageFacts = z.object({
  name: packageName,
  version: exactVersion,
  /** of the tarball, as the registry promises it */
  integrity: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
});
export type PackageFacts = z.infer<typeof packageFacts>;

/** What changes in an app's packages. `integrity` is that of the version that a person agreed to. */
export const packageChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('add'),
    name: packageName,
    version: exactVersion,
    integrity: z.string(),
    dev: z.boolean(),
  }),
  z.object({ kind: z.literal('remove'), name: packageName }),
]);
export type PackageChange = z.infer<typeof packageChange>;
