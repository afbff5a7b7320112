/** add_dependency: a package of the npm registry for this app. A person is asked first, with what the registry says of it; removing asks nobody. */
import { z } from 'zod';
import { exactVersion, type PackageFacts, packageName } from '../../hosting/packages/schema.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool, done } from '../tool.ts';

const inputSchema = z.strictObject({
  name: packageName.describe('As at the registry, such as "dayjs" or "@scope/name"'),
  version: exactVersion
    .optional()
    .describe('One exact version; leave it out for the newest stable one, which the person is shown'),
  dev: z.boolean().default(false).describe('Only for building and testing'),
  remove: z.boolean().default(false).describe('Takes the package out of the app instead'),
});

/** What the person said yes to: this version with this content, and nothing that the registry may come up with later. */
const agreedSchema = z.object({ version: exactVersion, integrity: z.string() });

export const addDependency = defineTool<z.infer<typeof inputSchema>>({
  name: 'add_dependency',
  description:
    'Adds a package of the npm registry to the app (or takes it out with `remove`). The person is asked first and sees version, licence, size and what it needs. ' +
    'Its install scripts never run. package.json and the lockfile change by this tool alone. Tools that the app has already need not be added.',
  input: inputSchema as z.ZodType<z.infer<typeof inputSchema>>,
  permission: 'code:depend',
  // the same package in the same version comes to the same lockfile
  repeatable: true,
  needsApp: true,
  title: ({ name, remove }) => (remove ? `Remove the package ${name}` : `Add the package ${name}`),
  consent: async ({ name, version, dev, remove }, { host, chatId, signal }) => {
    if (remove) return 'nothing';
    const found = await host.lookUpPackage({ chatId, name, ...(version ? { version } : {}) }, signal);
    if (!found.ok) return fromHost(found, () => '');
    const { facts, integrity, ...one } = found.value as PackageFacts;
    return done('Asked', null, {
      turn: {
        ask: {
          question: `Add the package ${one.name} ${one.version} to this app?`,
          detail: dev
            ? 'It would be used for building and testing. This is what the registry says of it:'
            : 'It would become part of the app. This is what the registry says of it:',
          facts,
          options: [{ label: 'Add it' }, { label: 'Leave it out' }],
          allowText: true,
          subject: { version: one.version, integrity },
        },
      },
    });
  },
  run: async ({ name, dev, remove }, { host, chatId, turnId, fence, signal, agreed }) => {
    const turn = { chatId, turnId, fence };
    if (remove)
      return fromHost(
        await host.changePackages({ ...turn, change: { kind: 'remove', name } }, signal),
        () => `Removed the package ${name}`,
      );
    const { version, integrity } = agreedSchema.parse(agreed);
    const change = { kind: 'add' as const, name, version, integrity, dev };
    return fromHost(
      await host.changePackages({ ...turn, change }, signal),
      () => `Added the package ${name} ${version}`,
    );
  },
});
