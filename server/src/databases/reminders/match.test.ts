/** The rule itself, without databases: which changes are the same, and what the catalogues and the copy of live's rows decide. */
import { describe, expect, it } from 'vitest';
import { type Made, openReminders, type Sides } from './match.ts';

const made = (more: Partial<Made> = {}): Made => ({
  key: 'call 1',
  kind: 'data',
  chat: 'chat 1',
  tool: 'supabase_router',
  action: 'insert',
  tables: ['shops'],
  fingerprint: 'insert 1',
  effect: null,
  ...more,
});
const sides = (more: Partial<Sides>): Sides => ({
  staging: [],
  live: [],
  differing: [],
  inBoth: () => true,
  replicated: () => false,
  ...more,
});
const open = (more: Partial<Sides>) =>
  openReminders(sides(more)).open.map(({ direction, made: { key } }) => `${direction} ${key}`);

describe('the documents’ rule', () => {
  it('keeps a reminder while one has the change, in both directions', () => {
    expect(open({ staging: [made()] })).toEqual(['to_live call 1']);
    expect(open({ live: [made()] })).toEqual(['to_staging call 1']);
  });

  it('removes it when both have it, whichever was first', () => {
    expect(open({ staging: [made()], live: [made({ key: 'call 2' })] })).toEqual([]);
  });

  it.each([
    ['chat', { chat: 'chat 2' }],
    ['action', { action: 'update' }],
    ['kind', { kind: 'schema' as const, effect: ['column:shops.a'] }],
    ['tool', { tool: 'console' }],
    ['tables', { tables: ['shops', 'towns'] }],
    ['literals', { fingerprint: 'insert 2' }],
  ])('does not take a change of another %s for the same', (_what, other) => {
    const found = open({ staging: [made()], live: [made({ key: 'call 2', ...other })], differing: ['column:shops.a'] });
    expect(found).toEqual(['to_live call 1', 'to_staging call 2']);
  });

  it('counts: two of a kind need two', () => {
    const twice = [made(), made({ key: 'call 2' })];
    expect(open({ staging: twice, live: [made({ key: 'call 3' })] })).toEqual(['to_live call 2']);
    expect(open({ staging: twice, live: [made({ key: 'call 3' }), made({ key: 'call 4' })] })).toEqual([]);
  });

  it('knows one that was replayed by its own name, and compares what it says all the same', () => {
    const replayed = made({ key: 'call 1', tool: 'console' });
    expect(open({ staging: [made()], live: [replayed] })).toEqual([]);
    expect(open({ staging: [made()], live: [made({ fingerprint: 'another' })] })).toEqual([
      'to_live call 1',
      'to_staging call 1',
    ]);
  });

  it('needs none for rows that come back from live by themselves, and one for rows that do not', () => {
    expect(open({ live: [made()], replicated: () => true })).toEqual([]);
    expect(open({ live: [made({ tables: ['shops', 'loose'] })], replicated: (table) => table === 'shops' })).toEqual([
      'to_staging call 1',
    ]);
    // what is made on staging does not go to live by itself
    expect(open({ staging: [made()], replicated: () => true })).toEqual(['to_live call 1']);
  });

  it('needs none for tables that are meant to be in one of the two alone', () => {
    expect(open({ staging: [made()], inBoth: () => false })).toEqual([]);
    const added = made({ kind: 'schema', effect: ['column:shops.a'] });
    expect(open({ staging: [added], differing: ['column:shops.a'], inBoth: () => false })).toEqual([]);
  });
});

describe('the schema', () => {
  const adds = (column: string, more: Partial<Made> = {}) =>
    made({
      key: `add ${column}`,
      kind: 'schema',
      action: 'add_column',
      tool: 'supabase_utilities',
      fingerprint: `add ${column}`,
      effect: [`column:shops.${column}`],
      ...more,
    });

  it('always needs one, also where rows come back by themselves', () => {
    const live = { live: [adds('a')], differing: ['column:shops.a'], replicated: () => true };
    expect(open(live)).toEqual(['to_staging add a']);
  });

  it('does not let “add column a” clear “add column b”', () => {
    const found = openReminders(
      sides({ staging: [adds('a')], live: [adds('b')], differing: ['column:shops.a', 'column:shops.b'] }),
    );
    expect(found.open.map(({ made: { key } }) => key)).toEqual(['add a', 'add b']);
    expect(found.drift).toEqual([]);
  });

  it('is decided by the catalogues: what another road has brought to both needs none', () => {
    expect(open({ staging: [adds('a')], differing: [] })).toEqual([]);
  });

  it('tells what no change explains as drift, also where both have recorded the change', () => {
    const both = { staging: [adds('a')], live: [adds('a')], differing: ['column:shops.a', 'type:kind'] };
    const { open: none, drift } = openReminders(sides(both));
    expect(none).toEqual([]);
    expect(drift).toEqual([
      { table: 'shops', objects: ['column:shops.a'] },
      { table: '', objects: ['type:kind'] },
    ]);
  });

  it('explains rights of a column by rights of its table only where the change is of before columns were looked at', () => {
    const differing = ['grants:shops', 'grants:shops.secret'];
    const drift = (effect: string[]) => openReminders(sides({ staging: [adds('a', { effect })], differing })).drift;
    expect(drift(['grants:shops'])).toEqual([]);
    expect(drift(['grants:shops', 'grants:shops.id'])).toEqual([{ table: 'shops', objects: ['grants:shops.secret'] }]);
    expect(drift(['grants:shops', 'grants:shops.secret'])).toEqual([]);
  });

  it('takes an older change, whose effect nobody wrote down, for what differs in its tables', () => {
    const old = adds('a', { effect: null });
    const found = openReminders(sides({ staging: [old], differing: ['column:shops.a', 'column:towns.b'] }));
    expect(found.open).toHaveLength(1);
    expect(found.drift).toEqual([{ table: 'towns', objects: ['column:towns.b'] }]);
  });
});
