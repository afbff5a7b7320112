import { expect, it } from 'vitest';
import { onLive } from './on-live.tsx';
import type { Item } from './projection.ts';

const step = (tool: string, detail: unknown, state: 'done' | 'refused' = 'done'): Item => ({
  ...{ kind: 'step', callId: tool, tool, title: '', state, summary: '', declined: false, ms: 1, detail },
});
const asked = (database: string, affected: number | null = null) =>
  step('supabase_router', { sql: 'select 1', database, affected });

it('says of an answer that it came from live, and louder that live was changed', () => {
  expect(onLive({ items: [asked('staging'), asked('draft', 2)] })).toBeNull();
  expect(onLive({ items: [asked('staging'), asked('live')] })).toBe('read');
  expect(onLive({ items: [asked('live', 0), asked('live')] })).toBe('changed');
  expect(onLive({ items: [step('apply_to_live', null)] })).toBe('changed');
});

it('says nothing of what was refused there', () => {
  expect(onLive({ items: [step('supabase_router', { sql: 'select 1' }, 'refused')] })).toBeNull();
  expect(onLive({ items: [step('apply_to_live', null, 'refused')] })).toBeNull();
});
