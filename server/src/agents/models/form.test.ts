import { describe, expect, it } from 'vitest';
import { samplesWanted } from './builtin/commands/samples.ts';
import { formDecision } from './form.ts';

const done = (tool: string) => ({ tool, output: {}, failed: false });
const next = (newApp: string | undefined, ...tools: string[]) =>
  formDecision([], newApp)({ message: '', done: tools.map(done), files: [], tools: new Set() });

describe('beginning with an app that is there', () => {
  it('offers sample rows for its empty lists, in words that are understood', () => {
    expect(next('Bookings').call?.tool).toBe('create_app');
    expect(next('Bookings', 'create_app').call?.tool).toBe('change_spec');
    const { text } = next('Bookings', 'create_app', 'change_spec');
    const offered = text.match(/“(.+?)”/)?.[1];
    expect(text).toContain('Its lists are empty');
    expect(samplesWanted(offered!, null)).toEqual({ count: 8 });
  });

  it('says nothing of it after a change by hand', () => {
    expect(next(undefined, 'change_spec').text).toBe('Done, as the form says.');
  });
});
