/** Calls about where the live database is. */
import type { Outside, OutsideCheck, OutsideInput } from '../../../../contract/outside.ts';
import { api } from '../../lib/api.ts';

export const outsideKey = ['data', 'outside'] as const;
export const readOutside = () => api<Outside>('GET', '/api/data/outside');
/** @param address null: the one that is kept */
export const checkOutside = (address: OutsideInput | null) =>
  api<OutsideCheck>('POST', '/api/data/outside/check', { address });
export const keepOutside = (address: OutsideInput) => api<Outside>('PUT', '/api/data/outside', address);
export const leaveOutside = () => api<Outside>('DELETE', '/api/data/outside');
