/**
 * One turn: ask the model, pass its calls through the gate, store each step before the next one starts, end in review. However it ends,
 * it ends in words. The longest file of the domain, because the order of its writes is what survives a crash.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Outcome } from '../../../contract/events.ts';
import { importRequest } from '../../../contract/imports.ts';
import { specOperationsSchema } from '../../../contract/spec-operations.ts';
import type { DataKeys } from '../accounts/data-keys.ts';
import type { AttachmentFile, Attachments } from '../conversations/attachments.ts';
import { type ChatHead, readHead } from '../conversations/chats.ts';
import type { StreamingTexts } from '../conversations/streaming-texts.ts';
import { type ClaimedTurn, waitForPerson } from '../conversations/turns.ts';
import { withEdits } from '../conversations/wording.ts';
import { type Db, many, maybe, one, quickTransaction, run, sql, type Tx, transaction } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Hub } from '../events/hub.ts';
import type { EventLog } from '../events/log.ts';
import { closeAbandoned } from '../gates/audit.ts';
import { gate, parseCall } from '../gates/gate.ts';
import { type AgentGrant, grantTurn } from '../gates/policy.ts';
import { type Ask, declined, type Tool, type ToolContext, type ToolOutcome } from '../gates/tool.ts';
import type { HostApi } from '../hosting/api.ts';
import { enqueue } from '../jobs/queue.ts';
import { filesToShow, lengthOf } from './attached.ts';
import { measureContext, noteContext } from './context.ts';
import { builderInstructions } from './definitions/builder.ts';
import { costOfTurn, reserve, settle, settleAbandoned } from './ledger.ts';
import { type CalledTool, type CallResult, callModel } from './model-call.ts';
import { entryOf } from './models/catalogue.ts';
import { MOST_TRIES, type Tried } from './models/fallback.ts';
import { openForm, openImport } from './models/form.ts';
import { noUsage } from './models/price.ts';
import type { OpenModel, Providers } from './models/providers.ts';
import { findOtherChat } from './other-chat.ts';
import { buildPrompt, transcriptOf } from './prompt.ts';
import { Steps } from './steps.ts';

const MOST_STEPS = 60;
const CHANGES_TABLES = new Set(['change_spec', 'supabase_utilities', 'create_app', 'import_app']);
const LONGEST_REASONING = 100_000;
const SAME_RESULT_LIMIT = 3;
const GRANT_MS = 6 * 3600 * 1000;

export interface TurnParts {
  db: Db;
  keys: DataKeys;
  log: EventLog;
  hub: Hub;
  texts: StreamingTexts;
  attachments: Attachments;
  host: HostApi;
  providers: Providers;
  tools: ReadonlyMap<string, Tool>;
  logger: Logger;
}

/** How a turn left the worker. `lost`: the lease is gone, another worker has it; nothing more was written. */
export type TurnEnd = { outcome: Outcome; reason?: string } | 'waiting' | 'lost';

export class TurnRun {
  readonly #parts: TurnParts;
  readonly #turn: ClaimedTurn;
  readonly #stop: AbortSignal;
  readonly #lost: AbortSignal;
  readonly #steps: Steps;
  readonly #grant: AgentGrant;
  readonly #seen = new Map<string, number>();
  /** what the prompt shows of files, read once for all steps */
  readonly #files = new Map<string, AttachmentFile>();
  #tables: { changes: number; text: Promise<string> } | undefined;
  #chat: ChatHead;
  #summary = '';

  constructor(parts: TurnParts, turn: ClaimedTurn, chat: ChatHead, signals: { stop: AbortSignal; lost: AbortSignal }) {
    this.#parts = parts;
    this.#turn = turn;
    this.#chat = chat;
    this.#stop = signals.stop;
    this.#lost = signals.lost;
    this.#steps = new Steps(parts, chat.organisation_id, turn.id);
    this.#grant = grantTurn(chat.id, GRANT_MS, turn.mode);
  }

  async run(): Promise<TurnEnd> {
    let end: TurnEnd;
    try {
      end = await this.#work();
    } catch (error) {
      if (this.#lost.aborted || (error instanceof AppError && error.code === 'fenced')) return 'lost';
      if (!this.#stop.aborted && !(error instanceof AppError && error.kind !== 'bug'))
        this.#parts.logger.error({ err: error, turnId: this.#turn.id }, 'a turn failed');
      end = this.#stop.aborted ? { outcome: 'stopped' } : { outcome: 'failed', reason: reasonOf(error) };
    }
    if (end === 'lost' || this.#lost.aborted) return 'lost';
    if (end !== 'waiting') await this.#finish(end);
    return end;
  }

  async #work(): Promise<TurnEnd> {
    const { parts, turn } = { parts: this.#parts, turn: this.#turn };
    if (turn.resumed) await this.#steps.load();
    if (turn.resumed && !turn.answered) {
      await settleAbandoned(parts.db, turn.id);
      await closeAbandoned(parts.db, turn.id);
    }
    if (this.#stop.aborted || turn.stopRequested) return { outcome: 'stopped' };
    // asked for while everything else is read: the first words wait for it
    if (this.#chat.model !== 'builtin') void this.#describeTables();
    const opened =
      turn.mode === 'form'
        ? await this.#openForm()
        : await parts.providers.open(this.#chat.organisation_id, this.#chat.model, this.#chat.assistant);
    // told while the first call is being prepared: a person waits for its first word
    const told = turn.resumed ? Promise.resolve() : this.#tellStart(opened);
    told.catch(() => {});
    const finished = await this.#finishLastStep();
    if (finished) return finished;
    for (let count = this.#steps.all.filter((step) => step.kind === 'model').length; count < MOST_STEPS; count++) {
      const result = await this.#ask(opened, count, told);
      if (result.end === 'aborted') return this.#lost.aborted ? 'lost' : { outcome: 'stopped' };
      if (result.end === 'failed') return { outcome: 'failed', reason: result.failure!.message };
      if (result.end === 'refused')
        return {
          outcome: 'failed',
          reason: `${nameOf(result, opened)} declined to answer this. Say it in another way.`,
        };
      const end = await this.#callTools(result.tools);
      if (end) return end;
      if (result.end === 'length' && !result.text.trim() && result.tools.length === 0)
        return {
          outcome: 'failed',
          reason: `${nameOf(result, opened)} used up its whole answer without saying anything. Ask for something smaller, or choose another model.`,
        };
      if (result.tools.length === 0 && result.end !== 'length') {
        return result.text.trim()
          ? { outcome: 'completed' }
          : { outcome: 'failed', reason: `${nameOf(result, opened)} gave an empty answer. Send your message again.` };
      }
    }
    return {
      outcome: 'escalated',
      reason: `It took more than ${MOST_STEPS} steps without coming to an end. Look at what is there, and say how to go on.`,
    };
  }

  /** What the person changed in the form that this turn carries out; without an app it makes one. */
  async #openForm(): Promise<OpenModel> {
    const asked = (await this.#parts.log.ofTypes(this.#chat.id, ['message.user'])).find(
      (event) => event.type === 'message.user' && event.payload.turnId === this.#turn.id,
    );
    const given = asked?.type === 'message.user' ? asked.payload.operations : undefined;
    const brought = importRequest.safeParse(given).data;
    if (brought) return openImport(brought[0].address);
    const operations = specOperationsSchema.parse(given);
    const title = operations.find((operation) => operation.op === 'set_title')?.title;
    // a turn that is taken up again has made its app already
    const makes = !this.#chat.app_id || this.#steps.all.some((step) => 'tool' in step && step.tool === 'create_app');
    return openForm(operations, makes ? (title ?? 'App') : undefined);
  }

  async #tellStart(opened: OpenModel): Promise<void> {
    const { id, name, provider } = opened.entry;
    const payload = { turnId: this.#turn.id, number: this.#turn.number, model: { id, name, provider } };
    await quickTransaction(this.#parts.db, (tx) => this.#parts.log.append(this.#chat.id, 'turn.started', payload, tx));
    await this.#changed();
  }

  /** A resumed turn: does what the last model step asked for and was not done. */
  async #finishLastStep(): Promise<TurnEnd | undefined> {
    for (const step of this.#steps.all) if (step.kind === 'tool_done') this.#note(step.callId, step.result);
    const last = this.#steps.all.findLast((step) => step.kind === 'model');
    if (!last) return undefined;
    if (this.#steps.all.some((step) => step.kind === 'tool_done' && step.ends)) return { outcome: 'completed' };
    if (last.tools.length === 0) return last.end === 'length' ? undefined : { outcome: 'completed' };
    return this.#callTools(last.tools);
  }

  async #ask(opened: OpenModel, stepNumber: number, told: Promise<void>): Promise<CallResult> {
    const { db, log, texts, hub } = this.#parts;
    const { organisation_id: organisationId, id: chatId } = this.#chat;
    const turnId = this.#turn.id;
    const messageId = stableId(turnId, stepNumber);
    let { candidates } = opened;
    for (let attempt = 1; ; attempt++) {
      const prompt = await this.#prompt(opened);
      const offered = this.#offered();
      const length = lengthOf(prompt);
      const reservation = await reserve(db, { organisationId, chatId, turnId }, candidates, length);
      const tried: Tried[] = [];
      let offset = 0;
      let saved = Promise.resolve();
      let text = '';
      let lastSave = 0;
      const save = () => {
        lastSave = Date.now();
        saved = saved.then(() => texts.save(organisationId, { messageId, chatId, turnId, text })).catch(() => {});
      };
      const result = await callModel({
        model: opened.watched({
          candidates: reservation.candidates,
          onTried: (one) => tried.push(one),
          onWait: (wait) => this.#tellWait(wait.tried.failure.message, wait.number),
        }),
        name: opened.entry.name,
        call: { prompt, tools: offered },
        signal: AbortSignal.any([this.#stop, this.#lost]),
        usedCallIds: new Set(this.#steps.all.flatMap((step) => ('callId' in step ? [step.callId] : []))),
        onText: (piece) => {
          texts.follow(messageId, { chatId, turnId, text: text + piece });
          hub.delta(organisationId, { type: 'message.delta', chatId, turnId, messageId, offset, text: piece });
          offset += piece.length;
          text += piece;
          if (Date.now() - lastSave > 200) save();
        },
      });
      await Promise.all([saved, told]);
      const answered = candidates.find(({ entry }) => entry.id === result.answeredBy) ?? candidates[0]!;
      const { entry } = answered;
      const spoke = result.content.length > 0;
      if (result.usage.inputTokens === 0 && (result.end === 'aborted' || (result.end === 'failed' && spoke))) {
        // a call that was cut off reports nothing: what it took is estimated, at three characters a token
        result.usage.inputTokens = entry.provider === 'builtin' ? 0 : Math.ceil(length / 3);
        result.usage.outputTokens = Math.ceil((result.text.length + result.reasoning.text.length) / 3);
      }
      // what had begun to answer and broke off is said anew, by another model where there is one
      const again = result.end === 'failed' && spoke && result.failure!.retry && attempt < MOST_TRIES;
      if (again) {
        tried.push({ entry, failure: result.failure!, ms: 0, usage: noUsage() });
        candidates = [...candidates.filter((one) => one !== answered), answered];
      }
      const partial = result.end === 'aborted' || result.end === 'failed';
      const { content, tools, end } = result;
      const step = { kind: 'model' as const, by: entry.provider, content, tools, end };
      await transaction(db, async (tx) => {
        await settle(tx, reservation, entry, result.usage, tried);
        await noteContext(tx, chatId, entry, measureContext(prompt, offered), result.usage);
        await texts.clear(turnId, tx);
        if (again) return;
        const thought = result.reasoning.text.trim();
        if (thought) {
          const text = beginningOf(thought, LONGEST_REASONING);
          await log.append(chatId, 'message.reasoning', { turnId, messageId, text, ms: result.reasoning.ms }, tx);
        }
        if (result.text.trim())
          await log.append(chatId, 'message.assistant', { turnId, messageId, text: result.text, partial }, tx);
        if (!partial) await this.#steps.add(step, tx);
      });
      if (!again) {
        if (!partial) this.#steps.keep(step);
        return result;
      }
      await this.#tellWait(result.failure!.message, attempt + 1);
      await sleep(result.failure!.waitMs ?? 500 * 2 ** attempt, undefined, {
        signal: AbortSignal.any([this.#stop, this.#lost]),
      }).catch(() => {});
      if (this.#stop.aborted || this.#lost.aborted) return { ...result, end: 'aborted' };
    }
  }

  /** A person who has to wait for another try is told so; a switch to the next model is not worth a word. */
  async #tellWait(message: string, number: number): Promise<void> {
    const text = `${message.split('. ')[0]}. Trying again (${number} of ${MOST_TRIES}).`;
    await this.#parts.log.append(this.#chat.id, 'agent.update', { turnId: this.#turn.id, text });
  }

  async #prompt(opened: OpenModel) {
    const [events, left] = await Promise.all([
      this.#parts.log
        .ofTypes(this.#chat.id, [
          'message.user',
          'message.edited',
          'message.assistant',
          'tool.result',
          'question.answered',
        ])
        .then(withEdits),
      this.#left(),
    ]);
    const asked = events.find((event) => event.type === 'message.user' && event.payload.turnId === this.#turn.id);
    const carriesOut = asked?.type === 'message.user' && asked.payload.plan !== undefined;
    const app = this.#chat.app_slug
      ? { slug: this.#chat.app_slug, name: this.#chat.app_name ?? this.#chat.app_slug }
      : null;
    const room = opened.entry.contextTokens;
    const [files, tables] = await Promise.all([
      this.#filesFor(filesToShow(events, this.#turn.id, left, this.#steps.all)),
      opened.entry.provider === 'builtin' ? '' : this.#describeTables(),
    ]);
    return buildPrompt({
      instructions: builderInstructions(app, {
        mode: this.#turn.mode === 'plan' ? 'plan' : 'build',
        carriesOut,
        tables,
        database: this.#turn.database,
      }),
      events,
      turnId: this.#turn.id,
      left,
      steps: this.#steps.all,
      room,
      files,
    });
  }

  /** The tables that there are, read anew once a tool may have changed them. */
  async #describeTables(): Promise<string> {
    if (!this.#chat.app_id) return '';
    const changes = this.#steps.all.filter((step) => step.kind === 'tool_done' && CHANGES_TABLES.has(step.tool)).length;
    if (this.#tables?.changes !== changes)
      this.#tables = {
        changes,
        // a model can do its work without knowing them
        text: this.#parts.host.describeTables({ chatId: this.#chat.id }).then(
          ({ text }) => text,
          () => '',
        ),
      };
    return this.#tables.text;
  }

  async #filesFor(ids: string[]): Promise<ReadonlyMap<string, AttachmentFile>> {
    const missing = ids.filter((id) => !this.#files.has(id));
    for (const [id, file] of await this.#parts.attachments.ofChat(this.#chat.id, missing)) this.#files.set(id, file);
    for (const id of this.#files.keys()) if (!ids.includes(id)) this.#files.delete(id);
    return this.#files;
  }

  /** Turns that count as not having been: undone, withdrawn, or still waiting behind this one. */
  async #left(): Promise<Set<string>> {
    const rows = await many(
      this.#parts.db,
      sql<{
        id: string;
      }>`select id from turns where chat_id = ${this.#chat.id} and (undone_at is not null or outcome = 'withdrawn' or number > ${this.#turn.number})`,
    );
    return new Set(rows.map((row) => row.id));
  }

  #offered(): LanguageModelV4FunctionTool[] {
    const permitted = [...this.#parts.tools.values()].filter((tool) => this.#grant.permissions.has(tool.permission));
    return permitted.map((tool) => ({
      type: 'function' as const,
      name: tool.name,
      description: tool.description,
      inputSchema: z.toJSONSchema(tool.input, {
        io: 'input',
        unrepresentable: 'any',
      }) as LanguageModelV4FunctionTool['inputSchema'],
    }));
  }

  /** @returns how the turn ends by these calls, undefined to go on */
  async #callTools(calls: CalledTool[]): Promise<TurnEnd | undefined> {
    let ends = false;
    for (const call of calls) {
      if (this.#steps.all.some((step) => step.kind === 'tool_done' && step.callId === call.callId)) continue;
      if (this.#lost.aborted) return 'lost';
      if (this.#stop.aborted) return { outcome: 'stopped' };
      const outcome = await this.#callTool(call);
      if (outcome === 'waiting') return 'waiting';
      if (this.#lost.aborted) return 'lost';
      if (outcome.turn && 'end' in outcome.turn) {
        ends = true;
        this.#summary = outcome.summary;
      }
      if (this.#note(`${call.tool} ${call.input}`, outcome.result) >= SAME_RESULT_LIMIT) {
        return {
          outcome: 'escalated',
          reason:
            'It did the same thing three times with the same result, so it was stopped. Say what should be different.',
        };
      }
    }
    if (this.#stop.aborted) return { outcome: 'stopped' };
    return ends ? { outcome: 'completed' } : undefined;
  }

  #note(what: string, result: unknown): number {
    const key = `${what} ${JSON.stringify(result)}`;
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    return count;
  }

  async #callTool(call: CalledTool): Promise<ToolOutcome | 'waiting'> {
    const { db, log } = this.#parts;
    const started = Date.now();
    const parsed = parseCall(this.#parts.tools, call.tool, call.input);
    const begun = this.#steps.all.some((step) => step.kind === 'tool_begun' && step.callId === call.callId);
    if (!begun) {
      const step = { kind: 'tool_begun' as const, callId: call.callId, tool: call.tool };
      await transaction(db, async (tx) => {
        await this.#steps.add(step, tx);
        const input = parsed.ok ? summariseInput(parsed.input) : call.input.slice(0, 500);
        await log.append(
          this.#chat.id,
          'tool.call',
          { turnId: this.#turn.id, callId: call.callId, tool: call.tool, title: parsed.title, input },
          tx,
        );
      });
      this.#steps.keep(step);
    }
    const answer = begun ? await this.#answerTo(call.callId) : undefined;
    let outcome: ToolOutcome;
    const run = (tool: Tool, input: unknown, agreed?: unknown, agreedBy?: string) =>
      gate({ db, tools: this.#parts.tools }, this.#grant, tool, input, { ...this.#context(call), agreed, agreedBy });
    if (answer === 'open') return 'waiting';
    if (answer && parsed.ok && parsed.tool.consent)
      outcome =
        answer.subject !== undefined && answer.answer === answer.options?.[0]?.label
          ? await run(parsed.tool, parsed.input, answer.subject, answer.by)
          : declined(answer.byName, answer.answer, answer.options ?? []);
    else if (answer)
      outcome = { state: 'done', summary: `Answered: ${answer.answer}`, result: { answer: answer.answer } };
    else if (!parsed.ok) outcome = parsed.outcome;
    else if (begun && !parsed.tool.repeatable) {
      const text =
        'The worker was restarted while this ran. Whether it took effect is not known: check before you do it again.';
      outcome = {
        state: 'unknown',
        summary: 'It was interrupted; whether it took effect is not known.',
        result: { unknown: text },
      };
    } else outcome = await run(parsed.tool, parsed.input);

    if (this.#lost.aborted) return outcome;
    if (outcome.turn && 'ask' in outcome.turn) {
      await this.#askPerson(call, outcome.turn.ask);
      return 'waiting';
    }
    const step = {
      kind: 'tool_done' as const,
      callId: call.callId,
      tool: call.tool,
      state: outcome.state,
      result: outcome.result,
      ends: Boolean(outcome.turn),
      ...(outcome.pictures?.length ? { pictures: outcome.pictures } : {}),
    };
    await transaction(db, async (tx) => {
      await this.#steps.add(step, tx);
      const { id } = this.#chat;
      const turnId = this.#turn.id;
      if (outcome.files?.length)
        await log.append(id, 'file.diff', { turnId, callId: call.callId, files: outcome.files }, tx);
      await log.append(
        id,
        'tool.result',
        {
          turnId,
          callId: call.callId,
          tool: call.tool,
          state: outcome.state,
          summary: outcome.summary,
          ...(outcome.declined ? { declined: true } : {}),
          ms: Date.now() - started,
          ...detailOf(outcome),
          ...(outcome.pictures?.length ? { pictures: outcome.pictures } : {}),
        },
        tx,
      );
    });
    this.#steps.keep(step);
    if (outcome.appId) {
      this.#chat = await readHead(db, this.#chat.id);
      await this.#changed();
    }
    return outcome;
  }

  #context(call: CalledTool): ToolContext {
    return {
      host: this.#parts.host,
      organisationId: this.#chat.organisation_id,
      containerId: this.#chat.container_id,
      chatId: this.#chat.id,
      turnId: this.#turn.id,
      fence: this.#turn.fence,
      callId: call.callId,
      agent: 'builder',
      askedBy: this.#turn.askedBy,
      keepPicture: (picture) => this.#parts.attachments.keepPicture(this.#chat, picture),
      appId: this.#chat.app_id,
      signal: AbortSignal.any([this.#stop, this.#lost]),
      otherChat: (title) => findOtherChat(this.#parts, this.#chat, title),
      transcript: async () =>
        transcriptOf(
          withEdits(
            await this.#parts.log.ofTypes(this.#chat.id, [
              'message.user',
              'message.edited',
              'message.assistant',
              'tool.result',
            ]),
          ),
          await this.#left(),
        ),
    };
  }

  async #askPerson(call: CalledTool, { subject, ...ask }: Ask): Promise<void> {
    const questionId = randomUUID();
    const question = { questionId, ...ask, subject };
    await transaction(this.#parts.db, async (tx) => {
      const sealed = await this.#parts.keys.seal(this.#chat.organisation_id, `question ${questionId}`, question, tx);
      await run(
        tx,
        sql`insert into questions (id, turn_id, chat_id, call_id, payload) values (${questionId}, ${this.#turn.id}, ${this.#chat.id}, ${call.callId}, ${sealed})`,
      );
      await this.#parts.log.append(
        this.#chat.id,
        'question.asked',
        { turnId: this.#turn.id, callId: call.callId, questionId, ...ask },
        tx,
      );
      await waitForPerson(tx, this.#turn);
    });
    await this.#changed();
  }

  async #answerTo(
    callId: string,
  ): Promise<({ answer: string; by: string; byName: string } & Partial<Ask>) | 'open' | undefined> {
    const row = await maybe(
      this.#parts.db,
      sql<{
        id: string;
        payload: Buffer;
        answer: Buffer | null;
        answered_by: string;
        name: string | null;
      }>`select q.id, q.payload, q.answer, q.answered_by, u.name from questions q left join users u on u.id = q.answered_by
        where q.turn_id = ${this.#turn.id} and q.call_id = ${callId}`,
    );
    if (!row) return undefined;
    if (!row.answer) return 'open';
    const { keys } = this.#parts;
    const { organisation_id: organisationId } = this.#chat;
    const [asked, answer] = await Promise.all([
      keys.open<Ask>(organisationId, `question ${row.id}`, row.payload),
      keys.open<string>(organisationId, `answer ${row.id}`, row.answer),
    ]);
    return { ...asked, answer, by: row.answered_by, byName: row.name ?? 'Somebody' };
  }

  /** Commits the work, closes the turn, and starts the next one that waits. */
  async #finish(end: { outcome: Outcome; reason?: string }): Promise<void> {
    const { db, log, texts } = this.#parts;
    const { id: chatId } = this.#chat;
    const turnId = this.#turn.id;
    let reason = end.reason;
    let committed: { commit: string | null; files: number; draftPrint: string } = {
      commit: null,
      files: 0,
      draftPrint: '',
    };
    const chat = await readHead(db, chatId);
    if (chat.app_id) {
      try {
        committed = await this.#commit(chat);
      } catch (error) {
        if (error instanceof AppError && error.code === 'fenced') return;
        reason = `${reason ? `${reason} ` : ''}What was changed could not be committed yet: ${messageOf(error)}`;
      }
    }
    const cost = await costOfTurn(db, turnId);
    await transaction(db, async (tx) => {
      const closed = await run(
        tx,
        sql`update turns set state = 'ended', outcome = ${end.outcome}, problem = ${reason ?? null}, ended_at = now(), lease_until = null,
          commit_after = ${committed.commit}, draft_print = ${committed.draftPrint} where id = ${turnId} and fence = ${this.#turn.fence} and state = 'running'`,
      );
      if (closed === 0) return;
      await texts.clear(turnId, tx);
      // the pill holds for one turn, however it ended
      const reset = await run(
        tx,
        sql`update chats set database = 'staging' where id = ${chatId} and database <> 'staging'`,
      );
      if (reset > 0) await log.append(chatId, 'database.changed', { database: 'staging', by: null, turnId }, tx);
      await log.append(
        chatId,
        'turn.ended',
        {
          turnId,
          outcome: end.outcome,
          ...(reason ? { reason } : {}),
          commit: committed.commit,
          files: committed.files,
          usage: {
            inputTokens: cost.inputTokens,
            outputTokens: cost.outputTokens,
            cacheReadTokens: cost.cacheReadTokens,
            cacheWriteTokens: cost.cacheWriteTokens,
          },
          costMicros: cost.costMicros ?? null,
          models: cost.models
            .slice(0, 20)
            .map((id) => ({ id, name: entryOf(id).name, provider: entryOf(id).provider })),
          ms: Date.now() - this.#turn.startedAt.getTime() - (await this.#waitedMs(tx)),
        },
        tx,
      );
      if (this.#turn.mode === 'build') await this.#backToReview(tx);
      const { waiting } = await one(
        tx,
        sql<{
          waiting: boolean;
        }>`select exists (select 1 from turns where chat_id = ${chatId} and state = 'queued') as waiting`,
      );
      if (waiting) await enqueue(tx, 'turn.run', { chatId }, { key: `turn.run:${chatId}` });
    });
    await this.#changed();
  }

  async #commit(chat: ChatHead) {
    const fallback = chat.title;
    const message = `${this.#summary || fallback}\n\nVibe-Chat: ${chat.id}\nVibe-Turn: ${this.#turn.id}\n`;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#parts.host.commitTurn({
          chatId: chat.id,
          turnId: this.#turn.id,
          fence: this.#turn.fence,
          message,
        });
      } catch (error) {
        if (attempt === 5 || !(error instanceof AppError) || error.code !== 'host_unavailable') throw error;
        await sleep(400 * attempt);
      }
    }
  }

  /** For answers of a person: that is not time that the turn took. */
  async #waitedMs(tx: Tx): Promise<number> {
    const { ms } = await one(
      tx,
      sql<{ ms: number }>`select coalesce(sum(extract(epoch from answered_at - created_at)) * 1000, 0)::float8 as ms
        from questions where turn_id = ${this.#turn.id} and answered_at is not null`,
    );
    return Math.min(Math.round(ms), Date.now() - this.#turn.startedAt.getTime());
  }

  async #backToReview(tx: Tx): Promise<void> {
    const chatId = this.#chat.id;
    const turnId = this.#turn.id;
    const row = await one(
      tx,
      sql<{
        status: string;
        database: string;
      }>`update chats n set status = 'review', database = 'staging' from chats o where n.id = ${chatId} and o.id = n.id
        returning o.status, o.database`,
    );
    if (row.status !== 'review')
      await this.#parts.log.append(chatId, 'status.changed', { status: 'review', by: null, turnId }, tx);
    if (row.database !== 'staging')
      await this.#parts.log.append(chatId, 'database.changed', { database: 'staging', by: null, turnId }, tx);
  }

  #changed(): Promise<void> {
    return this.#parts.hub.changed(`container:${this.#chat.container_id}`, `chat ${this.#chat.id}`);
  }
}

/** The name of the model that answered. */
const nameOf = (result: CallResult, opened: OpenModel): string =>
  opened.candidates.find(({ entry }) => entry.id === result.answeredBy)?.entry.name ?? opened.entry.name;

const beginningOf = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;

/** The message of a step has the same id when the step is tried again, so that a tab replaces what it had. */
function stableId(turnId: string, step: number): string {
  const hex = createHash('sha256').update(`${turnId} ${step}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Inputs are shown without the bulk of file contents. */
function summariseInput(input: unknown): unknown {
  return JSON.parse(
    JSON.stringify(input, (_key, value) =>
      typeof value === 'string' && value.length > 400 ? `${value.slice(0, 400)}…` : value,
    ),
  );
}

function detailOf(outcome: ToolOutcome): { detail?: unknown } {
  if (outcome.shown !== undefined) return { detail: outcome.shown };
  if (outcome.state !== 'refused' && outcome.state !== 'failed') return {};
  return { detail: outcome.result };
}

function reasonOf(error: unknown): string {
  if (error instanceof AppError && error.kind !== 'bug')
    return `${error.message}${error.detail ? ` ${error.detail}` : ''}`;
  return 'Something went wrong on our side. Your work is safe; send your message again.';
}
