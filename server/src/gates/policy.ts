/** What an agent session may do: scoped permissions that expire with the turn. Conservative by default; loosened deliberately. */
import type { ToolPermission } from './tool.ts';

export interface AgentGrant {
  agent: string;
  permissions: ReadonlySet<ToolPermission>;
  /** of this chat alone */
  chatId: string;
  expiresAt: number;
}

const BUILDER: ToolPermission[] = [
  'code:read',
  'code:write',
  'spec:read',
  'spec:write',
  'chat:read',
  'chat:ask',
  'app:create',
  'app:run',
];

/** The grant of the builder agent for one turn. */
export function grantTurn(chatId: string, lifeMs: number): AgentGrant {
  return { agent: 'builder', permissions: new Set(BUILDER), chatId, expiresAt: Date.now() + lifeMs };
}

/** @returns why the call is not allowed, undefined when it is */
export function refusal(grant: AgentGrant, permission: ToolPermission, chatId: string): string | undefined {
  if (grant.chatId !== chatId) return 'This session belongs to another chat.';
  if (Date.now() > grant.expiresAt) return 'The permission of this turn has run out.';
  if (!grant.permissions.has(permission)) return `This agent may not do that (${permission}).`;
  return undefined;
}
