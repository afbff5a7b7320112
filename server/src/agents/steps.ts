/** What the model said and was told in a turn, step by step, stored before the next step starts: what a resumed turn goes on from. */
import type { LanguageModelV4Content } from '@ai-sdk/provider';
import type { Attachment } from '../../../contract/attachments.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Db, many, sql } from '../db/database.ts';
import type { ToolOutcome } from '../gates/tool.ts';
import type { CalledTool } from './model-call.ts';

export type Step =
  /** `by`: the provider that answered; its reasoning goes back to it alone. Absent in steps of before there were several: Anthropic */
  | { kind: 'model'; by?: string; content: LanguageModelV4Content[]; tools: CalledTool[]; end: string }
  | { kind: 'tool_begun'; callId: string; tool: string }
  | {
      kind: 'tool_done';
      callId: string;
      tool: string;
      state: ToolOutcome['state'];
      result: unknown;
      ends: boolean;
      pictures?: Attachment[];
    };

export class Steps {
  readonly #db: Db;
  readonly #keys: DataKeys;
  readonly #organisationId: string;
  readonly #turnId: string;
  readonly all: Step[] = [];

  constructor(parts: { db: Db; keys: DataKeys }, organisationId: string, turnId: string) {
    this.#db = parts.db;
    this.#keys = parts.keys;
    this.#organisationId = organisationId;
    this.#turnId = turnId;
  }

  async load(): Promise<void> {
    const rows = await many(
      this.#db,
      sql<{
        number: number;
        payload: Buffer;
      }>`select number, payload from turn_steps where turn_id = ${this.#turnId} order by number`,
    );
    for (const row of rows)
      this.all.push(
        await this.#keys.open<Step>(this.#organisationId, `step ${this.#turnId} ${row.number}`, row.payload),
      );
  }

  /** Adds a step in the caller's transaction; in memory only once that has committed (`keep`). */
  async add(step: Step, db: Db): Promise<void> {
    const number = this.all.length + 1;
    const sealed = await this.#keys.seal(this.#organisationId, `step ${this.#turnId} ${number}`, step, db);
    const callId = 'callId' in step ? step.callId : null;
    await sql`insert into turn_steps (turn_id, number, kind, call_id, payload) values (${this.#turnId}, ${number}, ${step.kind}, ${callId}, ${sealed})`.execute(
      db,
    );
  }

  keep(step: Step): void {
    this.all.push(step);
  }
}
