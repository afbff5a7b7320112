/** What applying a reminder would run, for each kind of it. */
import { createHash } from 'node:crypto';
import { NOTHING_LOST } from '../../../../contract/loss-words.ts';
import type { ReminderPreview } from '../../../../contract/reminders.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import { siteSchema } from '../../databases/names.ts';
import { statementElsewhere } from '../../databases/reminders/write-of.ts';
import { type Db, one, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { type ApplyParts, previewSchemaReminder, type SchemaReminder } from '../../shipping/apply-reminder.ts';
import { openStatement } from './calls.ts';
import type { ConsoleInput } from './console.ts';
import { type OpenReminder, writeToRepeat } from './reminders.ts';

type Parts = ApplyParts & { db: Db; keys: DataKeys };

/** @throws AppError `container_frozen`, `reminder_closed` */
export async function previewReminder(
  parts: Parts,
  containerId: string,
  reminder: OpenReminder,
): Promise<ReminderPreview> {
  if (reminder.kind !== 'data') return previewSchemaReminder(parts, asSchemaReminder(reminder));
  const { statement } = await readWrite(parts, containerId, reminder);
  return {
    to: reminder.direction === 'to_live' ? 'live' : 'staging',
    statements: [statement],
    with: 0,
    destroys: false,
    loses: NOTHING_LOST,
    digest: digestOf(reminder, statement),
    problem: null,
  };
}

/** Of a reminder about tables. */
export const asSchemaReminder = ({ id, appId, source, direction }: OpenReminder): SchemaReminder => ({
  id,
  appId,
  source,
  direction,
});

/** The statement of a reminder about rows, for the console's road. @throws AppError `reminder_moved` */
export async function repeatOf(
  parts: Parts,
  containerId: string,
  reminder: OpenReminder,
  by: string,
  digest: string,
): Promise<ConsoleInput> {
  const { statement, write } = await readWrite(parts, containerId, reminder);
  if (digestOf(reminder, statement) !== digest)
    throw new AppError('reminder_moved', 'conflict', 'Something else would run by now.', {
      detail: 'Look at it again, and decide then.',
    });
  const target = reminder.direction === 'to_live' ? 'live' : 'staging';
  return { containerId, appId: reminder.appId, by, target, sql: statement, repeats: write };
}

async function readWrite(parts: Parts, containerId: string, { appId, source, direction }: OpenReminder) {
  const write = await writeToRepeat(parts.db, source);
  const { slug, organisationId } = await one(
    parts.db,
    sql<{ slug: string; organisationId: string }>`select a.slug, c.organisation_id as "organisationId"
      from apps a join containers c on c.id = a.container_id where a.id = ${appId}`,
  );
  const text = await openStatement(parts, { id: containerId, organisationId }, write.id);
  // on staging the bare name is the read-only copy's
  return { write, statement: statementElsewhere(text, direction === 'to_staging' ? siteSchema(slug) : undefined) };
}

const digestOf = ({ id, direction }: OpenReminder, statement: string): string =>
  createHash('sha256')
    .update(JSON.stringify([id, direction, statement]))
    .digest('hex');
