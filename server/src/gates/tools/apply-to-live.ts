/** apply_to_live: makes this chat's changes of tables on the live database, under a pill that a person has set. It always asks, with the exact statements. */
import { z } from 'zod';
import { fromHost } from '../host-outcome.ts';
import { defineTool, done, type ToolContext, type ToolOutcome } from '../tool.ts';

const inputSchema = z.strictObject({});

const subjectSchema = z.object({ digest: z.string() });

interface Plan {
  statements: string[];
  changes: string[];
  tables: string[];
  destroys: boolean;
  digest: string;
}

export const applyToLive = defineTool<z.infer<typeof inputSchema>>({
  name: 'apply_to_live',
  description:
    'Makes the changes of tables that this chat has, and live has not, on the live database. Works only when the database pill of this message is on live, ' +
    'and always asks the person, who sees every statement. Usually not needed: bringing the app to live makes them. For changes that live needs before its code.',
  input: inputSchema as z.ZodType<z.infer<typeof inputSchema>>,
  permission: 'schema:write',
  repeatable: false,
  needsApp: true,
  title: () => 'Change live’s tables',
  consent: (_input, context) => ask(context),
  run: async (_input, { host, chatId, turnId, fence, signal, agreed, agreedBy }) => {
    const { digest } = subjectSchema.parse(agreed);
    const found = await host.applyToLive({ chatId, turnId, fence, digest, by: agreedBy! }, signal);
    return fromHost(found, (value) => `Changed ${(value as Plan).tables.join(', ')} on live`);
  },
});

async function ask({ host, chatId, turnId, signal }: ToolContext): Promise<ToolOutcome> {
  const found = await host.previewLive({ chatId, turnId }, signal);
  if (!found.ok) return fromHost(found, () => '');
  const { statements, tables, destroys, digest } = found.value as Plan;
  return done('Asked', null, {
    turn: {
      ask: {
        question: `Change ${tables.join(', ')} on live?`,
        detail: destroys
          ? 'Customers are there, and this destroys something. What goes is kept for 48 hours. These exact statements would run:'
          : 'Customers are there. These exact statements would run:',
        statement: statements.map((statement) => `${statement};`).join('\n'),
        live: true,
        facts: [
          { label: 'Where', value: 'the live database, and its copy on staging' },
          ...(destroys ? [{ label: 'Lost', value: 'what these statements remove' }] : []),
        ],
        options: [{ label: 'Run it on live' }, { label: 'Leave it' }],
        allowText: true,
        subject: { digest },
      },
    },
  });
}
