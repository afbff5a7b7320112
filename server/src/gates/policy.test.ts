/** The policy of a planning turn, tried against every tool that there is: one that is added later must be looked at here. */
import { describe, expect, it } from 'vitest';
import { grantTurn, refusal } from './policy.ts';
import { allTools } from './tools.ts';

const chatId = '00000000-0000-7000-8000-000000000001';

describe('a turn that plans', () => {
  const grant = grantTurn(chatId, 60_000, 'plan');

  it('may look and ask, and nothing else', () => {
    const allowed = [...allTools().values()].filter((tool) => refusal(grant, tool.permission, chatId) === undefined);
    expect(allowed.map(({ name }) => name).sort()).toEqual([
      'ask_person',
      'list_files',
      // makes changes on the draft and takes them back: nothing of them is ever committed
      'preview_spec',
      'read_diff',
      'read_file',
      'read_history',
      'read_server_log',
      'read_spec',
      'ready_for_review',
      'search_code',
    ]);
  });

  it('is told why in words', () => {
    expect(refusal(grant, 'code:write', chatId)).toContain('only plans');
    expect(refusal(grantTurn(chatId, 60_000, 'build'), 'code:write', chatId)).toBeUndefined();
  });
});

describe('a turn of a form', () => {
  const grant = grantTurn(chatId, 60_000, 'form');

  it('may make an app and change its spec, and nothing else', () => {
    const allowed = [...allTools().values()].filter((tool) => refusal(grant, tool.permission, chatId) === undefined);
    expect(allowed.map(({ name }) => name).sort()).toEqual([
      'change_spec',
      'create_app',
      'import_app',
      'preview_spec',
      'read_spec',
    ]);
  });
});
