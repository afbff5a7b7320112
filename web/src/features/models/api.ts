/** Calls about models. Each answers with the whole set-up as it is then. */
import type { ModelSetup, TestedModel } from '../../../../contract/models.ts';
import type { Settings } from '../../../../contract/settings.ts';
import { api } from '../../lib/api.ts';

export const modelKeys = {
  setup: ['settings', 'models'] as const,
};
const AT = '/api/settings/models';

export const getModelSetup = () => api<ModelSetup>('GET', AT);
export const setThinking = (thinking: boolean) => api<ModelSetup>('PATCH', AT, { thinking });
export const setOrder = (kind: string, models: string[]) => api<ModelSetup>('PUT', `${AT}/orders/${kind}`, { models });
export const testModel = (model: string) => api<TestedModel>('POST', `${AT}/test`, { model });
export const listModels = (source: string) => api<{ items: string[] }>('POST', `${AT}/sources/${source}/list`, {});
export const addAddress = (address: { name: string; baseUrl: string; key?: string; models?: string[] }) =>
  api<ModelSetup>('POST', `${AT}/addresses`, address);
export const changeAddress = (source: string, patch: { key?: string | null; models?: string[] }) =>
  api<ModelSetup>('PATCH', `${AT}/addresses/${source}`, patch);
export const removeAddress = (source: string) => api<ModelSetup>('DELETE', `${AT}/addresses/${source}`);
export const setPrice = (model: string, price: NonNullable<ModelSetup['prices'][number]['price']>) =>
  api<ModelSetup>('PUT', `${AT}/prices`, { model, price });
export const forgetPrice = (model: string) =>
  api<ModelSetup>('DELETE', `${AT}/prices?model=${encodeURIComponent(model)}`);
export const storeKey = (provider: string, key: string, baseUrl?: string) =>
  api<Settings>('PUT', `/api/settings/keys/${provider}`, { key, ...(baseUrl ? { baseUrl } : {}) });
export const removeKey = (provider: string) => api<Settings>('DELETE', `/api/settings/keys/${provider}`);
