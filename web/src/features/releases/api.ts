/** Releases of an app: the list, and going back. */
import type { ReleasePage } from '../../../../contract/releases.ts';
import { api } from '../../lib/api.ts';

export const releaseKeys = { of: (appId: string) => ['apps', 'releases', appId] };

export const listReleases = (appId: string, before?: number) =>
  api<ReleasePage>('GET', `/api/apps/${appId}/releases${before ? `?before=${before}` : ''}`);

export const goBack = (appId: string, wish: { releaseId: string; serving: string }) =>
  api<{ from: number; to: number }>('POST', `/api/apps/${appId}/rollback`, wish);
