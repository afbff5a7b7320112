/** What a change of the list says: who, what, where, and the line below with more of it. */
import type { DataChange, RowAction } from '../../../../contract/data.ts';
import { DID } from '../../../../contract/row-words.ts';
import { count } from '../../lib/text.ts';
import { ACTIONS, ENVIRONMENTS, VERDICTS, wordsOfRule } from './words.ts';

const PLACES = {
  staging: 'staging',
  site: 'the staging site',
  mirror: 'the copy of live',
  live: 'live',
  draft: 'a chat’s draft',
};

export interface ChangeWords {
  who: string;
  /** through which assistant */
  through: string | null;
  what: string;
  /** what stands before the place, and its name; null where the sentence says it itself */
  at: { word: string; place: string } | null;
  /** what was said to a statement that asked; empty: it asked nobody */
  answer: string;
  mark: ChangeMark;
  /** more of it, below */
  more: string;
  /** rows that people use were or may have been changed: it is coloured */
  live: boolean;
}

/** How it stands, as a shape of its own. */
export type ChangeMark = 'done' | 'agreed' | 'waits' | 'declined' | 'refused' | 'open' | 'trouble';

/** In plain words. */
export function wordsOfChange(change: DataChange): ChangeWords {
  const { act, by, agent, place, kind, state } = change;
  const self = agent === null || agent === 'console' || agent === 'browse';
  const { what, word = 'on', more = change.note ?? '' } = SAID[act](change);
  return {
    who: by?.name ?? (act === 'drift' ? 'Somebody, outside of Vibe,' : act === 'call' ? 'Somebody' : 'Vibe by itself'),
    through: self ? null : agent === 'builder' ? 'the builder' : agent,
    what,
    at: place && word ? { word, place: PLACES[place] } : null,
    more,
    ...{ answer: answerOf(change), mark: markOf(change) },
    live: place === 'live' && kind !== 'settings' && state !== 'refused',
  };
}

function answerOf({ answer, agreedBy, agent }: DataChange): string {
  if (!answer) return agreedBy ? `. Yes by ${agreedBy.name}` : '';
  const by = answer.by?.name ?? 'somebody';
  return {
    waits: ', and waits for an answer',
    answered: `, and was answered by ${by}`,
    yes: `, and was told yes by ${by}`,
    // in the console nobody else can say it
    no: agent === 'console' ? ', and then left it' : `, and was told no by ${by}`,
    none: ', and nobody said yes',
  }[answer.said];
}

function markOf({ answer, agreedBy, state }: DataChange): ChangeMark {
  if (answer)
    return answer.said === 'yes' ? 'agreed' : answer.said === 'no' || answer.said === 'none' ? 'declined' : 'waits';
  if (state === 'refused') return 'refused';
  if (state === 'open') return 'open';
  if (state !== 'done') return 'trouble';
  return agreedBy ? 'agreed' : 'done';
}

interface Said {
  what: string;
  /** empty: the place is not said after it */
  word?: string;
  more?: string;
}

const list = (names: readonly string[]): string =>
  names.length > 6 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
const tablesOf = ({ tables }: DataChange): string => (tables.length > 0 ? list(tables) : 'the tables');
const ofTables = ({ tables }: DataChange): string => (tables.length > 0 ? ` of ${list(tables)}` : '');
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const small = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
const sentences = (...parts: (string | null | undefined)[]): string =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?]$/.test(part!) ? capital(part!) : `${capital(part!)}.`))
    .join(' ');

const ENDS: Partial<Record<DataChange['state'], string>> = {
  open: 'It is under way',
  partly: 'Only a part of it could be made',
  failed: 'It could not be made, and nothing changed',
  unknown: 'It was cut off, and it is not known whether it took effect',
};

const WISHES: Record<RowAction, (tables: string) => string> = {
  insert: (tables) => `add rows to ${tables}`,
  update: (tables) => `change rows of ${tables}`,
  delete: (tables) => `remove rows of ${tables}`,
  upsert: (tables) => `add or change rows of ${tables}`,
};

function call(change: DataChange): Said {
  const { state, reason, rows, action, writes, repeats } = change;
  const tables = change.tables.length > 0 ? list(change.tables) : 'a table';
  if (state === 'refused')
    return reason === 'asks'
      ? { what: `asked to ${action ? WISHES[action](tables) : `read ${tables}`}` }
      : { what: 'was refused', more: sentences(reason && wordsOfRule(reason)) };
  if (state === 'unknown') return { what: 'was cut off; it is not known whether it took effect' };
  if (state === 'open') return { what: 'is running a statement' };
  const many = count(rows ?? 0, 'row');
  const did = action
    ? small(DID[action](many, change.tables.length > 0 ? list(change.tables) : undefined))
    : `${writes ? 'changed' : 'read'} ${many}${ofTables(change)}`;
  return { what: repeats ? `applied a reminder: ${did}` : did };
}

/** What a release did to tables, and what became of it. */
function released({ tables, note, state, reason }: DataChange): string {
  const end = state === 'failed' ? (reason ? `It does not serve: ${reason}` : 'It does not serve') : '';
  if (tables.length === 0 && !note)
    return sentences(end || (state === 'open' ? 'It is on its way' : 'No table was changed'));
  const what = note ?? `changed ${list(tables)}`;
  return sentences(state === 'failed' ? `${what}, which stays` : what, end, state === 'open' ? 'It is on its way' : '');
}

const changed =
  (what: (change: DataChange) => string, word = 'on') =>
  (change: DataChange): Said => ({
    ...{ what: what(change), word },
    more: sentences(change.note, ENDS[change.state]),
  });
const simply = (what: string) => (): Said => ({ what, word: '' });
const named =
  (what: (name: string) => string) =>
  ({ name }: DataChange): Said => ({ what: what(name ?? 'another server'), word: '' });
const APP = 'an app';

function ruled({ rule, app, place }: DataChange): Said {
  if (!rule) return { what: 'set a rule', word: '' };
  const scope =
    app && rule.table
      ? `${rule.table} of ${app.name}`
      : rule.table
        ? `${rule.table} of every app`
        : app
          ? `all of ${app.name}`
          : 'every app';
  const what = `${ACTIONS[rule.action].toLowerCase()}, ${scope}${place ? `, ${ENVIRONMENTS[place].toLowerCase()}` : ''}`;
  return {
    what:
      rule.verdict === null ? `took a rule away: ${what}` : `set “${VERDICTS[rule.verdict].toLowerCase()}”: ${what}`,
    word: '',
  };
}

/** As `customers.city`, without the number of the release. */
const bare = ({ name, tables }: DataChange): string => name?.replace(/ \(\d+\)$/, '') ?? (list(tables) || 'a table');
const other = ({ place }: DataChange): string => (place === 'live' ? 'live' : 'staging');

const SAID: Record<DataChange['act'], (change: DataChange) => Said> = {
  call,
  merge: (change) => ({ what: `merged (release ${change.release?.number})`, more: released(change) }),
  deploy: (change) => ({ what: `brought release ${change.release?.number}`, word: 'to', more: released(change) }),
  go_back: ({ release, state }) => ({
    what: release?.from
      ? `went ${release.number < release.from ? 'back' : 'on'} from release ${release.from} to release ${release.number}`
      : `went to release ${release?.number ?? ''}`,
    more:
      state === 'failed'
        ? 'It did not come up, so the other one goes on serving.'
        : 'Tables and rows stayed as they were.',
  }),
  apply: changed((change) => `applied a reminder to ${tablesOf(change)}`),
  to_live: changed((change) => `changed ${tablesOf(change)}`),
  draft: changed((change) => `changed ${tablesOf(change)}`, 'in'),
  samples: (change) => ({ what: `added ${count(change.rows ?? 0, 'row')} of examples${ofTables(change)}`, word: 'in' }),
  undo: () => ({ what: 'took a message back, and with it what it had done to tables and rows', word: 'in' }),
  redo: () => ({ what: 'gave a message back, and with it what it had done to tables and rows', word: 'in' }),
  draft_again: () => ({ what: 'began a chat’s draft anew from the rows in use', word: '' }),
  drift: (change) => ({
    what: `changed ${tablesOf(change)}: staging and live are not the same any more`,
    word: '',
    more: change.note ? sentences(`Not the same: ${change.note}`) : '',
  }),
  mirror: () => ({ what: 'brought staging’s copy to what live’s tables had become', word: '' }),
  bring_back: (change) => ({
    what: `brought back ${bare(change)}${change.rows === null ? '' : ` with ${count(change.rows, change.name?.includes('.') ? 'value' : 'row')}`}`,
    more: sentences(change.note && `It is called ${change.note} there`, ENDS[change.state]),
  }),
  remove_back: (change) => ({ what: `removed again ${bare(change)}`, more: sentences(ENDS[change.state]) }),
  kept_over: ({ note }) => ({ what: `keeps ${note ?? 'what was dropped'} no longer: 48 hours are over`, more: '' }),
  fill_site: (change) => ({
    what: `filled the staging site from live: ${count(change.rows ?? 0, 'row')}${ofTables(change)}`,
    word: '',
    more: sentences(ENDS[change.state]),
  }),
  masks: () => ({ what: 'changed what the staging site sees of people’s data', word: '' }),
  dismiss: (change) => ({
    what: change.place
      ? `said that ${other(change)} does not need a change of ${tablesOf(change)}`
      : `said that a difference in ${tablesOf(change)} is right`,
    word: '',
    more: change.note ? `“${change.note}”` : '',
  }),
  reopen: (change) => ({ what: `opened a reminder about ${tablesOf(change)} again`, word: '' }),
  rule: ruled,
  freeze: simply('froze the container'),
  lift: simply('lifted the freeze'),
  describe: (change) => ({
    what: `said what ${tablesOf(change)} is for`,
    word: '',
    more: change.note ? `“${change.note}”` : '',
  }),
  outside: named((where) => `put the live database at ${where}`),
  inside: simply('put the live database back on this server'),
  give_up: named((where) => `gave up the live database at ${where}`),
  left: ({ name, app }) => ({ what: `left ${app?.name ?? APP} at ${name}, which did not answer`, word: '' }),
  cleared: ({ name, app }) => ({
    what: `said that what was left of ${app?.name ?? APP} at ${name} is removed`,
    word: '',
  }),
  give_live: ({ app }) => ({ what: `asked for a live database for ${app?.name ?? APP}`, word: '' }),
  came_live: simply('moved the rows in use to live'),
  came_home: simply('brought the rows back to staging, as its copy of live had them last'),
  app_removed: ({ app }) => ({
    what: `deleted ${app?.name ?? APP}, and 48 hours later its tables were removed`,
    word: '',
  }),
};
