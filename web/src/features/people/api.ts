/** Calls about people and invitations. */
import type { Invitation, InvitationView, MadeInvitation, Member } from '../../../../contract/accounts.ts';
import { api } from '../../lib/api.ts';

export const peopleKeys = { people: ['people'] as const, invitations: ['invitations'] as const };

export const listPeople = () => api<{ items: Member[] }>('GET', '/api/people').then((page) => page.items);
export const listInvitations = () => api<{ items: Invitation[] }>('GET', '/api/invitations').then((page) => page.items);
export const invite = (invitation: { role: string; email?: string }) =>
  api<MadeInvitation>('POST', '/api/invitations', invitation);
export const withdrawInvitation = (id: string) => api('DELETE', `/api/invitations/${id}`);
export const changeRole = (id: string, role: string) => api('PATCH', `/api/people/${id}`, { role });
export const removePerson = (id: string) => api('DELETE', `/api/people/${id}`);
export const readInvitation = (token: string) =>
  api<InvitationView>('POST', '/api/invitations/read', { token }, { public: true });
export const acceptInvitation = (token: string) =>
  api<{ containerId: string }>('POST', '/api/invitations/accept', { token });
