/**
 * The SQL console: a person's statement on the same road as a model's. What asks is kept here with its exact text, so that a yes can only let in
 * what was shown; after a start, and after a while, it is asked anew.
 */
import type { ConsoleOutcome, ConsoleTarget } from '../../../../contract/data.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import type { MirrorApp } from '../../databases/mirror/record.ts';
import type { Reminders } from '../../databases/reminders/reminders.ts';
import { writeOf } from '../../databases/reminders/write-of.ts';
import type { Agreed, Outcome, Router } from '../../databases/router/router.ts';
import { type Db, maybe, run, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { recorded } from '../sql-calls.ts';
import { type DataStanding, readStanding } from './standing.ts';

const OPEN_MS = 15 * 60_000;
const MOST_OPEN = 500;

export interface ConsoleParts {
  db: Db;
  keys: DataKeys;
  router: Router;
  reminders: Reminders;
}

export interface ConsoleInput {
  containerId: string;
  appId: string;
  by: string;
  target: ConsoleTarget;
  sql: string;
  /** a recorded write that this repeats on the other database: it counts as the same, of the same chat and tool */
  repeats?: { id: string; chatId: string | null; agent: string } | undefined;
}

export class Console {
  readonly #parts: ConsoleParts;
  /** by the record of the statement that asked */
  readonly #open = new Map<string, { input: ConsoleInput; agreed: Agreed; until: number }>();

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  /** Runs, asks or refuses. @throws AppError `app_not_found`, `data_unavailable` */
  run(input: ConsoleInput): Promise<ConsoleOutcome> {
    return this.#ask(input, undefined);
  }

  /** Runs what was shown. @throws AppError `ask_gone`, `not_allowed`, `app_not_found` */
  async agree(id: string, containerId: string, by: string): Promise<ConsoleOutcome> {
    const open = this.#find(id, containerId, by);
    if (!open) throw askGone();
    const standing = await readStanding(this.#parts.db, open.input, 'console');
    if (!standing.manages)
      throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may say yes to this.');
    // another yes or a no may have come while this was read: one of them is the answer
    if (!this.#open.delete(id)) throw askGone();
    return this.#ask(open.input, open.agreed);
  }

  /** No to what was shown: it cannot be agreed to any more. Repeating it changes nothing. @throws AppError `ask_gone` */
  async decline(id: string, containerId: string, by: string): Promise<void> {
    const { db } = this.#parts;
    const open = this.#find(id, containerId, by);
    if (open) {
      // closed before it is written down, so that no yes comes in between
      this.#open.delete(id);
      try {
        await run(db, sql`insert into sql_declines (call_id, declined_by) values (${id}, ${by})`);
      } catch (error) {
        this.#open.set(id, open);
        throw error;
      }
      return;
    }
    const before = sql<object>`select from sql_declines d join sql_calls s on s.id = d.call_id
      where d.call_id = ${id} and d.declined_by = ${by} and s.container_id = ${containerId}`;
    if (!(await maybe(db, before))) throw askGone();
  }

  #find(id: string, containerId: string, by: string) {
    const open = this.#open.get(id);
    return open && open.until >= Date.now() && open.input.containerId === containerId && open.input.by === by
      ? open
      : undefined;
  }

  async #ask(input: ConsoleInput, agreed: Agreed | undefined): Promise<ConsoleOutcome> {
    const standing = await readStanding(this.#parts.db, input, 'console');
    let callId = '';
    const onCall = (id: string) => {
      callId = id;
    };
    const outcome = await askAs(this.#parts, standing, { ...input, agent: 'console', agreed, onCall });
    if (input.target === 'live' && standing.mode === 'dual-repository')
      await this.#parts.router.dropRoles(standing, ['live']);
    if (outcome.kind === 'refused') return { ...outcome, allowed: allowedHere(outcome.rule, outcome.allowed) };
    if (outcome.kind === 'answer' && outcome.result.affected && standing.mode === 'dual-repository')
      await this.#parts.reminders.look(asMirrorApp(standing)).catch(() => {});
    const action = writeOf(input.sql)?.action ?? null;
    if (outcome.kind === 'answer')
      return { kind: 'answer', result: { ...outcome.result, action, database: input.target } };
    const { digest, rows, ...shown } = outcome.ask;
    this.#keep(callId, input, { digest, rows });
    return { kind: 'ask', ask: { ...shown, rows, action, id: callId, mayAgree: standing.manages } };
  }

  #keep(id: string, input: ConsoleInput, agreed: Agreed): void {
    const now = Date.now();
    for (const [id, { until }] of this.#open)
      if (until < now || this.#open.size >= MOST_OPEN) this.#open.delete(id);
      else break;
    this.#open.set(id, { input, agreed, until: now + OPEN_MS });
  }
}

const askGone = (): AppError =>
  new AppError('ask_gone', 'missing', 'This question is not open any more.', {
    detail: 'Run the statement again: it is counted anew.',
  });

/** What would be let through, for a person, who has neither tools nor the switch beside a chat's message. */
function allowedHere(rule: string, allowed: string | undefined): string | null {
  if (rule === 'syntax') return 'The console reads SQL. In words, ask in a chat.';
  if (allowed?.includes('supabase_utilities'))
    return 'Reading and changing rows. Tables are changed in a chat: say there what should be different.';
  return allowed ?? null;
}

const asMirrorApp = ({ appId: id, appSlug: slug, containerId, containerSlug }: DataStanding): MirrorApp => ({
  id,
  slug,
  containerId,
  containerSlug,
});

/** One statement of a person, recorded. */
export function askAs(
  parts: Pick<ConsoleParts, 'db' | 'keys' | 'router'>,
  standing: DataStanding,
  input: Pick<ConsoleInput, 'by' | 'target' | 'sql' | 'repeats'> & {
    agent: 'console' | 'browse';
    agreed?: Agreed | undefined;
    /** is told the id of the record before the statement runs */
    onCall?: (id: string) => void;
  },
): Promise<Outcome> {
  const { by, target, sql, agent, agreed, repeats, onCall } = input;
  const { appId, containerId, organisationId, mode, rules, frozen } = standing;
  const call = { appId, containerId, organisationId, mode, target, sql, askedBy: by, agreedBy: agreed && by };
  const made = repeats ? { agent: repeats.agent, chatId: repeats.chatId ?? undefined, replays: repeats.id } : { agent };
  return recorded(parts, { ...call, ...made }, async (receipt) => {
    onCall?.(receipt);
    if (target === 'live' && standing.mode === 'vibe-coded')
      return {
        kind: 'refused',
        rule: 'no_live',
        message: 'This app has no live database: its rows in use are on staging.',
        allowed: 'Choose staging.',
      };
    return parts.router.ask({ chat: standing, target, sql, rules, frozen, agreed, receipt });
  });
}
