/**
 * Several models behind the interface of one. Asks them in order until one begins to answer. What arrives is held back until the first
 * content, so that an early error can still go to the next; after that it never switches: the caller fails the step and replays it.
 * Owns retries (the providers make none), waiting as long as a provider asks, and the longest silence that is waited through.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import { describeFailure, EmptyAnswer, type ModelFailure, ModelTimeout, NoModelAnswered } from '../failures.ts';
import type { ModelEntry } from './catalogue.ts';
import { brokeOff } from './finish.ts';
import { noUsage, type Usage } from './price.ts';
import { usageOf } from './usage.ts';

export interface Candidate {
  entry: ModelEntry;
  model: LanguageModelV4;
  /** the call as this provider wants it: caching, what it may see of another's reasoning */
  prepare: (call: LanguageModelV4CallOptions) => LanguageModelV4CallOptions;
}

/** A try that came to nothing. */
export interface Tried {
  entry: ModelEntry;
  failure: ModelFailure;
  ms: number;
  /** what it took nonetheless */
  usage: Usage;
}

export interface FallbackOptions {
  candidates: readonly Candidate[];
  /** the longest silence that is waited through */
  silenceMs: number;
  /** how often a model is asked at most */
  tries?: number;
  onTried?: (tried: Tried) => void;
  /** everything has failed once, and it is waited before the next try */
  onWait?: (wait: { tried: Tried; number: number; of: number }) => Promise<void> | void;
}

export const MOST_TRIES = 4;

type Part = LanguageModelV4StreamPart;

interface Place {
  candidate: Candidate;
  tries: number;
  readyAt: number;
  last: Tried | undefined;
}

export class FallbackModel implements LanguageModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'vibe';
  /** each would fetch other addresses by itself: none may */
  readonly supportedUrls = {};
  readonly #options: FallbackOptions;

  constructor(options: FallbackOptions) {
    this.#options = options;
  }

  get modelId(): string {
    return this.#options.candidates[0]!.entry.id;
  }

  /** Nothing of ours asks for an answer in one piece. */
  async doGenerate(): Promise<LanguageModelV4GenerateResult> {
    throw new Error('models are called by doStream');
  }

  /** @throws NoModelAnswered when none begins to answer; the abort's reason when it was aborted */
  async doStream(call: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const most = this.#options.tries ?? MOST_TRIES;
    const places: Place[] = this.#options.candidates.map((candidate) => ({
      candidate,
      tries: 0,
      readyAt: 0,
      last: undefined,
    }));
    for (;;) {
      call.abortSignal?.throwIfAborted();
      const place = nextOf(places, most);
      if (!place) throw new NoModelAnswered(places.map((one) => ({ name: nameOf(one), failure: one.last!.failure })));
      const wait = place.readyAt - Date.now();
      if (wait > 0) {
        await this.#options.onWait?.({ tried: place.last!, number: place.tries + 1, of: most });
        await sleep(wait, undefined, { ...(call.abortSignal ? { signal: call.abortSignal } : {}) }).catch(() => {});
        call.abortSignal?.throwIfAborted();
      }
      place.tries++;
      const began = Date.now();
      const others = places.some((one) => one !== place && one.tries < most && !(one.last && !one.last.failure.retry));
      const opened = await this.#open(place.candidate, call, others);
      if ('stream' in opened) return opened;
      call.abortSignal?.throwIfAborted();
      const failure = describeFailure(opened.error, nameOf(place));
      place.last = { entry: place.candidate.entry, failure, ms: Date.now() - began, usage: opened.usage };
      place.readyAt = Date.now() + (failure.waitMs ?? 500 * 2 ** place.tries);
      this.#options.onTried?.(place.last);
    }
  }

  /** Asks one model and reads until its first content. */
  async #open(
    candidate: Candidate,
    call: LanguageModelV4CallOptions,
    others: boolean,
  ): Promise<{ stream: ReadableStream<Part> } | { error: unknown; usage: Usage }> {
    const silence = new Silence(this.#options.silenceMs, call.abortSignal);
    const held: Part[] = [];
    let usage = noUsage();
    let reader: ReadableStreamDefaultReader<Part> | undefined;
    try {
      const prepared = candidate.prepare({ ...call, abortSignal: silence.signal });
      const { stream } = await silence.race(candidate.model.doStream(prepared));
      reader = stream.getReader();
      for (;;) {
        const { done, value: part } = await silence.race(reader.read());
        if (done) throw new Error('the stream ended early');
        silence.heard();
        if (part.type === 'error') throw part.error;
        if (part.type === 'response-metadata') continue;
        held.push(part);
        if (isContent(part)) break;
        if (part.type !== 'finish') continue;
        usage = usageOf(part.usage);
        if (brokeOff(part.finishReason)) throw new Error('the stream ended early');
        // nothing was said: the next may do better; where there is none, the caller says so
        if (others && ['stop', 'other', 'tool-calls'].includes(part.finishReason.unified)) throw new EmptyAnswer();
        break;
      }
    } catch (error) {
      silence.end();
      reader?.cancel().catch(() => {});
      return { error: silence.timedOut ? new ModelTimeout(this.#options.silenceMs / 1000) : error, usage };
    }
    return { stream: goOn(candidate.entry, held, reader, silence) };
  }
}

/** The model to ask next: whichever may be asked soonest, in order; undefined when all have been asked as often as makes sense. */
function nextOf(places: Place[], most: number): Place | undefined {
  const open = places.filter((one) => one.tries < most && (one.last === undefined || one.last.failure.retry));
  return open.reduce<Place | undefined>((best, one) => (best && best.readyAt <= one.readyAt ? best : one), undefined);
}

const nameOf = ({ candidate }: Place): string => candidate.entry.name;

function isContent(part: Part): boolean {
  if (part.type === 'text-delta' || part.type === 'reasoning-delta') return part.delta !== '';
  return part.type === 'tool-input-start' || part.type === 'tool-call';
}

/** What was held back, and then the rest, under the name of the model that truly answers. */
function goOn(
  entry: ModelEntry,
  held: Part[],
  reader: ReadableStreamDefaultReader<Part>,
  silence: Silence,
): ReadableStream<Part> {
  const first: Part[] = [{ type: 'response-metadata', modelId: entry.id }, ...held];
  return new ReadableStream<Part>(
    {
      async pull(controller) {
        const part = first.shift();
        if (part) return controller.enqueue(part);
        try {
          for (;;) {
            const { done, value } = await silence.race(reader.read());
            silence.heard();
            if (!done && value.type === 'response-metadata') continue;
            if (!done) return controller.enqueue(value);
            silence.end();
            return controller.close();
          }
        } catch (error) {
          silence.end();
          reader.cancel().catch(() => {});
          controller.error(silence.timedOut ? new ModelTimeout(silence.ms / 1000) : error);
        }
      },
      cancel(reason) {
        silence.end();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Aborts a call that is silent for too long; also when its maker does not notice the abort. */
class Silence {
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly #own = new AbortController();
  readonly #aborted: Promise<never>;
  #timer: NodeJS.Timeout | undefined;
  timedOut = false;

  constructor(ms: number, outer: AbortSignal | undefined) {
    this.ms = ms;
    this.signal = outer ? AbortSignal.any([outer, this.#own.signal]) : this.#own.signal;
    this.#aborted = new Promise((_, reject) => {
      if (this.signal.aborted) reject(this.signal.reason);
      else this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true });
    });
    this.#aborted.catch(() => {});
    this.heard();
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#own.abort();
    }, this.ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  race<T>(work: PromiseLike<T>): Promise<T> {
    return Promise.race([work, this.#aborted]);
  }
}
