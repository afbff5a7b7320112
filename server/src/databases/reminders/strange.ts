/**
 * A difference that nobody recorded was made outside of Vibe: that it was seen is written down, with what is new of it. What Vibe itself is in the middle
 * of looks the same (an index that is built beside others, a staging site that is being made), so this waits until nothing of it is under way. A server
 * of somebody else's can say another thing at each look: the list of who did what must not be buried under it, so a look is one entry, and a
 * minute has one at most. Nor can it keep the list silent: what a kill has left open of an act there, which that server alone can settle, is waited for an hour.
 * What is still being made there when nobody waits for it any more is no stranger's either: of its tables alone nothing is said, for a day at most.
 */
import { maybe, one, run, sql, type Tx } from '../../db/database.ts';
import { recordAct } from '../acts.ts';
import { tableOfObject, wordsOfObject } from './objects.ts';

/** A difference that no recorded change explains. */
export interface Strange {
  /** of its reminder */
  source: string;
  tables: readonly string[];
  objects: readonly string[];
  /** those of the objects that were written down before */
  noted: readonly string[];
}

/** In one entry. */
const MOST_NAMES = 20;
const MOST_LETTERS = 150;

/**
 * @param began when reading both databases began, by the platform's clock: what of ours has ended before was read whole
 * @param outside whether live is a server of somebody else's
 */
export async function noteStrange(
  tx: Tx,
  appId: string,
  seen: readonly Strange[],
  { began, outside }: { began: string; outside: boolean },
): Promise<void> {
  const making = await one(
    tx,
    sql<{
      some: boolean;
      tables: string[];
    }>`select count(*) > 0 as some, coalesce(array_agg(t.name) filter (where t.name is not null), '{}') as tables
      from data_acts d left join lateral unnest(d.tables) as t(name) on true
      where d.app_id = ${appId} and d.sealed is not null and d.state = 'unknown' and d.ended_at is null and d.at > now() - interval '1 day'`,
  );
  const ours = new Set(making.tables);
  const fresh = seen.flatMap((one) => {
    const noted = new Set(one.noted);
    const isOurs = (object: string) => {
      const table = tableOfObject(object);
      return table ? ours.has(table) : making.some;
    };
    const objects = one.objects.filter((object) => !noted.has(object) && !isOurs(object));
    return objects.length > 0 ? [{ ...one, objects }] : [];
  });
  if (fresh.length === 0) return;
  // a draft is in neither of the two that are compared
  const notNow = await maybe(
    tx,
    sql`select 1 from data_acts d where d.app_id = ${appId} and d.sealed is not null and d.environment is distinct from 'draft'
        and ((d.state = 'open' and not (${outside} and d.at < now() - interval '1 hour')) or d.ended_at > ${began}::timestamptz)
      union all select 1 where not exists (select from mirrors where app_id = ${appId} and site_filled_at < ${began}::timestamptz)
      union all select 1 from data_acts d join apps a on a.id = ${appId} and a.container_id = d.container_id
        where ${outside} and d.app_id = a.id and d.act = 'drift' and d.at > now() - interval '1 minute'`,
  );
  if (notNow) return;
  const words = wordsOf(fresh.flatMap(({ objects }) => objects));
  const more = words.length - MOST_NAMES;
  const named = words.slice(0, MOST_NAMES).map((text) => text.slice(0, MOST_LETTERS));
  await recordAct(tx, {
    act: 'drift',
    appId,
    by: null,
    tables: [...new Set(fresh.flatMap(({ tables }) => tables))].slice(0, MOST_NAMES),
    // the words themselves may be cut where they are written, that there are more may not
    note: more > 0 ? `${cut(named.join(', '))} and ${more.toLocaleString('en')} more` : named.join(', '),
  });
  await run(
    tx,
    sql`update reminders set noted = objects where app_id = ${appId} and kind = 'drift' and source = any (${fresh.map(({ source }) => source)}::text[])`,
  );
}

const cut = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);
const MOST_TEXT = 1900;

/** A table says it for all that is of it. */
function wordsOf(objects: readonly string[]): string[] {
  const whole = new Set(objects.flatMap((object) => /^(?:table|view):(.*)$/s.exec(object)?.[1] ?? []));
  const told = objects.filter(
    (object) =>
      !object.startsWith('grants:') && (/^(?:table|view):/.test(object) || !whole.has(tableOfObject(object) ?? '')),
  );
  return (told.length > 0 ? told : objects).map(wordsOfObject);
}
