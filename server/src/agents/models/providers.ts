/** Which models an organisation can ask, in which order, and how they are opened: behind one interface, with the built-in builder last. */
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { AppError } from '../../errors.ts';
import { EMBEDDINGS } from '../definitions/kinds.ts';
import type { ModelAddresses } from '../model-addresses.ts';
import type { ModelKeys } from '../model-keys.ts';
import type { ModelPreferences, Preferences } from '../model-preferences.ts';
import { BUILTIN_ID, CATALOGUE, canonical, entryOf, type ModelEntry, PROVIDER_NAMES, PROVIDERS } from './catalogue.ts';
import { languageModel, type Source } from './connect.ts';
import { type Candidate, FallbackModel, type FallbackOptions } from './fallback.ts';
import { prepareFor } from './for-provider.ts';

/** What a turn asks: the first model of the order, and those after it. */
export interface OpenModel {
  /** the model that is asked first */
  entry: ModelEntry;
  candidates: Candidate[];
  /** all of them as one model */
  model: LanguageModelV4;
  /** the same, with somebody who is told what happens on the way */
  watched(options: Pick<FallbackOptions, 'onTried' | 'onWait'> & { candidates?: Candidate[] }): LanguageModelV4;
}

export interface ProviderParts {
  keys: ModelKeys;
  addresses: ModelAddresses;
  preferences: ModelPreferences;
  builtin: () => LanguageModelV4;
  /** the model that the environment names: first in an order that nobody has set */
  preferred: string | undefined;
  /** the longest silence that is waited through */
  silenceMs: number;
  /** how long what was read is good for, milliseconds: a change by another process acts within this time */
  freshMs: number;
}

const MOST_KNOWN = 1000;

export class Providers {
  readonly #parts: ProviderParts;
  readonly #known = new Map<string, { at: number; set: Promise<ModelSet> }>();

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  /** Everything about an organisation's models, at most a few seconds old: a person waits for the first word of an answer. */
  of(organisationId: string): Promise<ModelSet> {
    const known = this.#known.get(organisationId);
    if (known && Date.now() - known.at < this.#parts.freshMs) return known.set;
    return this.read(organisationId);
  }

  /** The same as it is now: after every change, so that what follows in this process sees it. */
  read(organisationId: string): Promise<ModelSet> {
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
    const set = this.#load(organisationId);
    this.#known.set(organisationId, { at: Date.now(), set });
    set.catch(() => this.#known.delete(organisationId));
    return set;
  }

  async #load(organisationId: string): Promise<ModelSet> {
    const { keys, addresses, preferences } = this.#parts;
    const [found, own, preferred] = await Promise.all([
      keys.all(organisationId),
      addresses.all(organisationId),
      preferences.all(organisationId),
    ]);
    const sources: Source[] = PROVIDERS.map((id) => {
      const key = found.find((one) => one.provider === id);
      return {
        id,
        kind: id,
        name: PROVIDER_NAMES[id],
        key: key?.key,
        keyFrom: key?.source ?? 'none',
        hint: key?.hint ?? null,
        baseUrl: key?.baseUrl,
        models: CATALOGUE.filter((entry) => entry.provider === id).map((entry) => entry.model),
      };
    });
    for (const { slug, name, baseUrl, key, hint, models } of own)
      sources.push({
        id: slug,
        kind: 'compatible',
        name,
        key,
        keyFrom: key ? 'settings' : 'not needed',
        hint,
        baseUrl,
        models,
      });
    return new ModelSet(this.#parts, sources, preferred);
  }

  /** The model that an organisation's new chats ask first: the first of the order that can be used, the built-in builder last. */
  async defaultFor(organisationId: string, kind = 'builder'): Promise<string> {
    return (await this.of(organisationId)).defaultFor(kind);
  }

  /**
   * Opens a chat's own model (null: none) with the order of its kind of agent behind it.
   * @throws AppError `no_key` when the chat's own model cannot be used and there is no other
   */
  async open(organisationId: string, modelId: string | null, kind = 'builder'): Promise<OpenModel> {
    return (await this.of(organisationId)).open(modelId, kind);
  }
}

export class ModelSet {
  readonly #parts: ProviderParts;
  readonly sources: readonly Source[];
  readonly preferences: Preferences;

  constructor(parts: ProviderParts, sources: readonly Source[], preferences: Preferences) {
    this.#parts = parts;
    this.sources = sources;
    this.preferences = preferences;
  }

  /** A model's entry with the price that holds here. */
  entry(ref: string): ModelEntry {
    const entry = entryOf(ref);
    const own = this.preferences.prices.get(entry.id);
    return own ? { ...entry, price: own } : entry;
  }

  sourceOf(ref: string): Source | undefined {
    const { provider } = entryOf(ref);
    return this.sources.find((source) => source.id === provider);
  }

  /** Why a model cannot be asked, in plain words; undefined when it can. */
  whyNot(ref: string): string | undefined {
    if (ref === BUILTIN_ID) return undefined;
    const source = this.sourceOf(ref);
    if (!source) return 'its address was removed';
    return source.keyFrom === 'none' ? 'needs a key' : undefined;
  }

  /** The order of a kind: the owner's, or the first model of each provider with a key. The built-in builder is not in it: it is always last. */
  order(kind: string): string[] {
    const own = this.preferences.orders.get(kind);
    if (own) return own;
    const first = this.sources
      .filter((source) => source.keyFrom !== 'none')
      .flatMap(({ id, models }) => {
        const fitting = models
          .map((model) => `${id}/${model}`)
          .filter((ref) => Boolean(entryOf(ref).embeds) === (kind === EMBEDDINGS));
        // which of an owner's models makes vectors cannot be known
        return kind === EMBEDDINGS && !fitting.some((ref) => entryOf(ref).embeds) ? [] : fitting.slice(0, 1);
      });
    const preferred = this.#parts.preferred;
    if (kind === EMBEDDINGS || !preferred) return first;
    const ref = canonical(preferred);
    const { provider } = entryOf(ref);
    return [ref, ...first.filter((one) => entryOf(one).provider !== provider)];
  }

  defaultFor(kind: string): string {
    return this.order(kind).find((ref) => this.whyNot(ref) === undefined) ?? BUILTIN_ID;
  }

  /** @throws AppError `unknown_model` for an id that no provider of this organisation can have */
  refuseUnknown(ref: string): void {
    if (canonical(ref) !== BUILTIN_ID && !this.sourceOf(ref))
      throw new AppError('unknown_model', 'invalid', `There is no provider of ${ref} here.`, {
        detail: 'A model is written as its provider, a slash, and its name.',
      });
  }

  /** What a person can choose for a chat: the order, the models of every provider that can be asked, and the built-in builder. */
  pickable(kind: string): string[] {
    const known = this.sources
      .filter((source) => source.keyFrom !== 'none')
      .flatMap(({ id, models }) => models.map((model) => `${id}/${model}`));
    const all = new Set([...this.order(kind).map(canonical), ...known, BUILTIN_ID]);
    return [...all].filter((ref) => !entryOf(ref).embeds);
  }

  open(modelId: string | null, kind: string): OpenModel {
    const chosen = modelId === null ? [] : [canonical(modelId)];
    const refs = chosen[0] === BUILTIN_ID ? chosen : [...new Set([...chosen, ...this.order(kind).map(canonical)])];
    const usable = refs.filter((ref) => this.whyNot(ref) === undefined);
    if (usable.length === 0 && chosen[0]) {
      throw new AppError(
        'no_key',
        'conflict',
        `${this.entry(chosen[0]).name} cannot be asked: ${this.whyNot(chosen[0])}.`,
        {
          detail: 'Look at the models in Settings, or choose the built-in builder for this chat.',
        },
      );
    }
    const candidates = (usable.length > 0 ? usable : [BUILTIN_ID]).map((ref) => this.candidate(ref));
    const { silenceMs } = this.#parts;
    return {
      entry: candidates[0]!.entry,
      candidates,
      model: new FallbackModel({ candidates, silenceMs }),
      watched: (options) => new FallbackModel({ candidates, silenceMs, ...options }),
    };
  }

  /** @throws AppError `no_key` */
  candidate(ref: string): Candidate {
    const entry = this.entry(ref);
    const { thinking } = this.preferences;
    if (entry.id === BUILTIN_ID)
      return { entry, model: this.#parts.builtin(), prepare: prepareFor(entry, 'builtin', false) };
    const source = this.sourceOf(ref);
    const why = this.whyNot(ref);
    if (!source || why) throw new AppError('no_key', 'conflict', `${entry.name} cannot be asked: ${why}.`);
    return { entry, model: languageModel(source, entry.model), prepare: prepareFor(entry, source.kind, thinking) };
  }
}
