/** A real smallest call, and what happened in plain words: behind the "Test" buttons. And what models an address says that it has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { TestedModel } from '../../../contract/models.ts';
import type { Db } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { Embeddings } from './embeddings.ts';
import { describeFailure, type FailureKind, ModelTimeout } from './failures.ts';
import { reserve, settle } from './ledger.ts';
import { callModel } from './model-call.ts';
import { modelFetch, type Source } from './models/connect.ts';
import { FallbackModel } from './models/fallback.ts';
import type { Providers } from './models/providers.ts';

/** OpenAI's smallest. */
const FEW_TOKENS = 16;
const LIST_MS = 8000;
const LARGEST_LIST = 2_000_000;
const MOST_MODELS = 500;

/** @throws AppError `limit_day` when nothing may be spent any more */
export async function testModel(
  parts: { db: Db; providers: Providers; embeddings: Embeddings; silenceMs: number },
  organisationId: string,
  ref: string,
  signal: AbortSignal,
): Promise<TestedModel> {
  const set = await parts.providers.of(organisationId);
  const entry = { ...set.entry(ref), maxOutputTokens: FEW_TOKENS };
  const began = Date.now();
  const tested = (ok: boolean, text: string): TestedModel => ({ ok, text, ms: Date.now() - began });
  const why = set.whyNot(ref);
  if (why) return tested(false, `${entry.name} cannot be asked: ${why}.`);
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  if (entry.embeds || set.order('embeddings').includes(entry.id)) {
    try {
      const { dimensions } = await parts.embeddings.embed(organisationId, ['A test.'], { model: entry.id, signal });
      return tested(true, `${entry.name} works: a vector of ${dimensions} numbers in ${seconds()}.`);
    } catch (error) {
      if (error instanceof AppError && error.kind !== 'bug') return tested(false, error.message);
      throw error;
    }
  }
  const candidate = { ...set.candidate(ref), entry };
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Answer with the word yes.' }] }];
  const reservation = await reserve(parts.db, { organisationId }, [candidate], JSON.stringify(prompt).length);
  const result = await callModel({
    model: new FallbackModel({ candidates: [candidate], silenceMs: Math.min(parts.silenceMs, 30_000), tries: 1 }),
    name: entry.name,
    call: { prompt, maxOutputTokens: FEW_TOKENS },
    signal,
    onText: () => {},
  });
  await settle(parts.db, reservation, entry, result.usage);
  if (result.end === 'aborted') return tested(false, 'The test was stopped.');
  if (result.failure) return tested(false, testWords(result.failure, entry, set.sourceOf(ref)));
  // a model that thinks may have used its few tokens for that
  if (!result.text && result.end === 'stop')
    return tested(false, `${entry.name} was reached, but its answer was empty.`);
  return tested(true, `${entry.name} works: it answered in ${seconds()}.`);
}

function testWords(
  failure: { kind: FailureKind; message: string },
  entry: { name: string; model: string },
  source: Source | undefined,
): string {
  const where = source?.baseUrl ? ` at ${source.baseUrl}` : '';
  if (failure.kind === 'key')
    return `${source?.name ?? entry.name} did not accept the key, or its account has no credit.`;
  if (failure.kind === 'no_model')
    return `${source?.name ?? 'The provider'} was reached, but it knows no model “${entry.model}”${where}.`;
  if (failure.kind === 'unreachable') return `Nothing answers${where}. Is it running, and is the address right?`;
  if (failure.kind === 'overloaded')
    return `${entry.name} was reached, but has too much to do now. Try again in a minute.`;
  if (failure.kind === 'cut') return `Something answers${where}, but not as a model does.`;
  return failure.message.replace(/ Send your message again\.$/, '');
}

const listed = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })) });

/** The models that a source says it has (GET /models), sorted. @throws AppError `models_not_listed` in plain words */
export async function listModels(source: Source): Promise<string[]> {
  const base = source.baseUrl ?? DEFAULTS[source.kind];
  const fail = (text: string, cause?: unknown): never => {
    throw new AppError('models_not_listed', 'unavailable', text, {
      cause,
      detail: 'You can type their names instead.',
    });
  };
  const headers: Record<string, string> =
    source.kind === 'anthropic'
      ? { 'x-api-key': source.key ?? '', 'anthropic-version': '2023-06-01' }
      : source.key
        ? { authorization: `Bearer ${source.key}` }
        : {};
  const stop = new AbortController();
  const read = async () => {
    const response = await modelFetch(`${base}/models`, { headers, signal: stop.signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw Object.assign(new Error('not listed'), { statusCode: response.status });
    }
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.length > LARGEST_LIST) throw new Error('too long');
    }
    const value: unknown = JSON.parse(text);
    // Together answers with the bare list
    return listed.parse(Array.isArray(value) ? { data: value } : value).data.map(({ id }) => id);
  };
  const late = sleep(LIST_MS, undefined, { signal: stop.signal }).then(() => {
    throw new ModelTimeout(LIST_MS / 1000);
  });
  late.catch(() => {});
  try {
    const ids = await Promise.race([read(), late]);
    return [...new Set(ids)]
      .filter((id) => !/\s/.test(id))
      .sort()
      .slice(0, MOST_MODELS);
  } catch (error) {
    const { kind } = describeFailure(error, source.name);
    if (kind === 'unreachable' || kind === 'timeout') return fail(`Nothing answers at ${base}. Is it running?`, error);
    if (kind === 'key') return fail(`${source.name} did not accept the key.`, error);
    return fail(`${source.name} does not list its models.`, error);
  } finally {
    stop.abort();
  }
}

const DEFAULTS: Record<Source['kind'], string> = {
  anthropic: 'https://api.anthropic.com/v1',
  openai: 'https://api.openai.com/v1',
  together: 'https://api.together.xyz/v1',
  compatible: '',
};
