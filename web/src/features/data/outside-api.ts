/** Calls about where the live database is. */
import type { Leftover, Outside, OutsideCheck, OutsideInput } from '../../../../contract/outside.ts';
import { api } from '../../lib/api.ts';

export const outsideKey = ['data', 'outside'] as const;
export const readOutside = () => api<Outside>('GET', '/api/data/outside');
/** @param address null: the one that is kept */
export const checkOutside = (address: OutsideInput | null) =>
  api<OutsideCheck>('POST', '/api/data/outside/check', { address });
export const keepOutside = (address: OutsideInput) => api<Outside>('PUT', '/api/data/outside', address);
export const leaveOutside = () => api<Outside>('DELETE', '/api/data/outside');
/** @param host typed, as the yes */
export const giveUpOutside = (host: string) => api<Outside>('POST', '/api/data/outside/give-up', { host });

export const leftoversKey = ['data', 'leftovers'] as const;
export const listLeftovers = () => api<{ items: Leftover[] }>('GET', '/api/data/leftovers').then(({ items }) => items);
export const forgetLeftover = (id: string) => api('DELETE', `/api/data/leftovers/${id}`);
