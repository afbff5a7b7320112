/** What an agent session may do: scoped permissions that expire with the turn. Conservative by default; loosened deliberately. */
import type { TurnKind } from '../../../contract/chats.ts';
import type { ToolPermission } from './tool.ts';

export interface AgentGrant {
  agent: string;
  permissions: ReadonlySet<ToolPermission>;
  /** of this chat alone */
  chatId: string;
  expiresAt: number;
  /** a turn that plans, and touches nothing */
  plans: boolean;
}

const BUILDER: ToolPermission[] = [
  'code:read',
  'code:write',
  // asks the person each time: see the tools with `consent`
  'code:depend',
  'spec:read',
  'spec:write',
  'rows:write',
  // writing rows in use asks the person each time
  'rows:query',
  // what destroys rows asks the person each time
  'schema:write',
  'chat:read',
  'chat:ask',
  'app:create',
  'app:run',
];

/** All that a planning turn has: it looks and asks. What is not named here is refused, whatever a tool will be called one day. */
const PLANNER: ToolPermission[] = ['code:read', 'spec:read', 'chat:read', 'chat:ask'];

/** All that a form has: it makes an app, brings one in, or changes the spec of one. */
const FORM: ToolPermission[] = ['spec:read', 'spec:write', 'app:create', 'app:import'];

/** The grant of the builder agent for one turn. */
export function grantTurn(chatId: string, lifeMs: number, mode: TurnKind): AgentGrant {
  const permissions = new Set({ build: BUILDER, plan: PLANNER, form: FORM }[mode]);
  const plans = mode === 'plan';
  return { agent: 'builder', permissions, chatId, expiresAt: Date.now() + lifeMs, plans };
}

/** @returns why the call is not allowed, undefined when it is */
export function refusal(grant: AgentGrant, permission: ToolPermission, chatId: string): string | undefined {
  if (grant.chatId !== chatId) return 'This session belongs to another chat.';
  if (Date.now() > grant.expiresAt) return 'The permission of this turn has run out.';
  if (!grant.permissions.has(permission) && grant.plans)
    return `This turn only plans: it may look, and change nothing (${permission}).`;
  if (!grant.permissions.has(permission)) return `This agent may not do that (${permission}).`;
  return undefined;
}
