/** Opens a model by id: Claude over the AI SDK, or the built-in builder. One interface (the SDK's specification V4) for both. */
import { createAnthropic } from '@ai-sdk/anthropic';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { AppError } from '../../errors.ts';
import type { ModelKeys } from '../model-keys.ts';
import { BUILTIN_ID, CATALOGUE, entryOf, type ModelEntry } from './catalogue.ts';

export interface OpenModel {
  model: LanguageModelV4;
  entry: ModelEntry;
}

export class Providers {
  readonly #keys: ModelKeys;
  readonly #builtin: () => LanguageModelV4;
  readonly #preferred: string | undefined;

  /** @param preferred the model that settings name, used when it can be */
  constructor(keys: ModelKeys, builtin: () => LanguageModelV4, preferred: string | undefined) {
    this.#keys = keys;
    this.#builtin = builtin;
    this.#preferred = preferred;
  }

  /** The model that an organisation's new chats use: the first that can be used, the built-in builder last. */
  async defaultFor(organisationId: string): Promise<string> {
    const key = await this.#keys.find(organisationId, 'anthropic');
    if (!key) return BUILTIN_ID;
    return this.#preferred ?? CATALOGUE[0]!.id;
  }

  /** @throws AppError `no_key` when the model needs a key and there is none */
  async open(organisationId: string, modelId: string | null): Promise<OpenModel> {
    const id = modelId ?? (await this.defaultFor(organisationId));
    const entry = entryOf(id);
    if (entry.provider === 'builtin') return { entry, model: this.#builtin() };
    const key = await this.#keys.find(organisationId, 'anthropic');
    if (!key) {
      throw new AppError('no_key', 'conflict', `${entry.name} needs a key, and there is none.`, {
        detail: 'Add one in Settings, or choose the built-in builder for this chat.',
      });
    }
    const provider = createAnthropic({ apiKey: key.key, ...(key.baseUrl ? { baseURL: key.baseUrl } : {}) });
    return { entry, model: provider(id) as LanguageModelV4 };
  }
}
