/** The audit log of gates: intent committed before the act, receipt after it. What a crash left open is closed as unknown. */
import { createHash } from 'node:crypto';
import { type Db, one, run, sql } from '../db/database.ts';
import type { ToolContext } from './tool.ts';

export interface Intent {
  tool: string;
  permission: string;
  input: unknown;
  decision: 'allowed' | 'refused';
  reason?: string;
}

/** @returns the row's id */
export async function recordIntent(db: Db, context: ToolContext, intent: Intent): Promise<string> {
  const hash = createHash('sha256')
    .update(JSON.stringify(intent.input) ?? '')
    .digest();
  const completed = intent.decision === 'refused' ? sql`now()` : sql`null`;
  const row = await one(
    db,
    sql<{
      id: string;
    }>`insert into audit_log (organisation_id, container_id, chat_id, turn_id, call_id, agent, tool, input_hash, permission, decision, reason, completed_at)
      values (${context.organisationId}, ${context.containerId}, ${context.chatId}, ${context.turnId}, ${context.callId}, ${context.agent}, ${intent.tool},
        ${hash}, ${intent.permission}, ${intent.decision}, ${intent.reason ?? null}, ${completed}) returning id`,
  );
  return row.id;
}

export async function recordReceipt(
  db: Db,
  id: string,
  outcome: 'done' | 'failed' | 'unknown',
  receipt: unknown,
): Promise<void> {
  await run(
    db,
    sql`update audit_log set outcome = ${outcome}, receipt = ${JSON.stringify(receipt)}::jsonb, completed_at = now() where id = ${id} and completed_at is null`,
  );
}

/** Acts whose worker died in the middle: nobody knows. */
export async function closeAbandoned(db: Db, turnId: string): Promise<void> {
  await run(
    db,
    sql`update audit_log set outcome = 'unknown', completed_at = now() where turn_id = ${turnId} and completed_at is null`,
  );
}
