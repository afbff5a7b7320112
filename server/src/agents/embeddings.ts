/**
 * Text as vectors, through the same providers, order, retries and ledger as any other model. Vectors of two models cannot be compared, so
 * an answer names its model and dimension, and one answer never mixes two.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddingModelV4 } from '@ai-sdk/provider';
import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { EMBEDDINGS } from './definitions/kinds.ts';
import { describeFailure, ModelTimeout, NoModelAnswered } from './failures.ts';
import { reserve, settle } from './ledger.ts';
import { canonical, type ModelEntry } from './models/catalogue.ts';
import { embeddingModel } from './models/connect.ts';
import type { Tried } from './models/fallback.ts';
import { noUsage } from './models/price.ts';
import type { Providers } from './models/providers.ts';

const MOST_TEXTS = 2000;
const LONGEST_TEXT = 32_000;
const AT_ONCE = 100;
const TRIES = 3;

export interface Embedded {
  model: string;
  dimensions: number;
  /** one per text, in order */
  vectors: number[][];
  tokens: number;
}

export class Embeddings {
  readonly #db: Db;
  readonly #providers: Providers;
  readonly #silenceMs: number;

  constructor(db: Db, providers: Providers, silenceMs: number) {
    this.#db = db;
    this.#providers = providers;
    this.#silenceMs = silenceMs;
  }

  /**
   * @param options `model`: only this one, for what must be compared with what it made before
   * @throws AppError `embeddings_unavailable` when none is configured or none answers; `limit_day` at the limit
   */
  async embed(
    organisationId: string,
    texts: readonly string[],
    options: { model?: string; signal?: AbortSignal } = {},
  ): Promise<Embedded> {
    if (
      texts.length === 0 ||
      texts.length > MOST_TEXTS ||
      texts.some((text) => text === '' || text.length > LONGEST_TEXT)
    )
      throw new AppError(
        'embeddings_input',
        'invalid',
        `Give 1 to ${MOST_TEXTS} texts of 1 to ${LONGEST_TEXT} characters.`,
      );
    const set = await this.#providers.of(organisationId);
    const refs = (options.model ? [options.model] : set.order(EMBEDDINGS)).map(canonical);
    const candidates = refs.flatMap((ref) => {
      const source = set.whyNot(ref) === undefined ? set.sourceOf(ref) : undefined;
      const entry = set.entry(ref);
      const model = source && embeddingModel(source, entry.model);
      // a text costs what it is long, and nothing is written
      return model ? [{ entry: { ...entry, maxOutputTokens: 0 }, model }] : [];
    });
    if (candidates.length === 0)
      throw new AppError(
        'embeddings_unavailable',
        'unavailable',
        'There is no model that can turn text into vectors.',
        {
          detail: 'Add a key of OpenAI or Together, or an address of your own, in Settings.',
        },
      );
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    const reservation = await reserve(this.#db, { organisationId }, candidates, length);
    const tried: Tried[] = [];
    let last = candidates[0]!.entry;
    try {
      for (let round = 1; round <= TRIES; round++) {
        for (const { entry, model } of reservation.candidates) {
          if (tried.some((one) => one.entry.id === entry.id && !one.failure.retry)) continue;
          last = entry;
          const began = Date.now();
          try {
            const done = await this.#all(model, entry, texts, options.signal);
            await settle(this.#db, reservation, entry, { ...noUsage(), inputTokens: done.tokens }, tried);
            return done;
          } catch (error) {
            options.signal?.throwIfAborted();
            tried.push({
              entry,
              failure: describeFailure(error, entry.name),
              ms: Date.now() - began,
              usage: noUsage(),
            });
          }
        }
        const again = tried.slice(-reservation.candidates.length).filter((one) => one.failure.retry);
        if (again.length === 0) break;
        const waits = again.map((one) => one.failure.waitMs ?? 500 * 2 ** round);
        if (round < TRIES) await sleep(Math.min(...waits), undefined, options.signal ? { signal: options.signal } : {});
      }
    } catch (error) {
      await settle(this.#db, reservation, last, noUsage(), tried);
      throw error;
    }
    await settle(this.#db, reservation, last, noUsage(), tried);
    const failed = reservation.candidates.map(({ entry }) => tried.findLast((one) => one.entry.id === entry.id)!);
    const { failure } = new NoModelAnswered(failed.map((one) => ({ name: one.entry.name, failure: one.failure })));
    throw new AppError('embeddings_unavailable', 'unavailable', failure.message);
  }

  async #all(
    model: EmbeddingModelV4,
    entry: ModelEntry,
    texts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Embedded> {
    const most = Math.min((await model.maxEmbeddingsPerCall) ?? AT_ONCE, AT_ONCE);
    const vectors: number[][] = [];
    let tokens = 0;
    for (let at = 0; at < texts.length; at += most) {
      const values = texts.slice(at, at + most);
      const silence = AbortSignal.timeout(this.#silenceMs);
      const abortSignal = signal ? AbortSignal.any([signal, silence]) : silence;
      const { embeddings, usage } = await model.doEmbed({ values, abortSignal }).then(undefined, (error) => {
        throw silence.aborted ? new ModelTimeout(this.#silenceMs / 1000) : error;
      });
      const dimensions = vectors[0]?.length ?? embeddings[0]?.length ?? 0;
      const whole =
        embeddings.length === values.length &&
        dimensions > 0 &&
        embeddings.every((vector) => vector.length === dimensions && vector.every(Number.isFinite));
      if (!whole) throw new Error(`${entry.name} answered with vectors that do not fit`);
      vectors.push(...embeddings);
      tokens += usage?.tokens ?? Math.ceil(values.join('').length / 4);
    }
    return { model: entry.id, dimensions: vectors[0]!.length, vectors, tokens };
  }
}
