/** What is shown where: `sort books by title`, `hide the notes column`, `show the phone in the list`, `put the price first`. */
import type { Entity } from '../../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { isDay } from '../../../../builds/spec/kinds.ts';
import type { Context, FoundField, Resolved, Step } from '../outcome.ts';
import { exactEntity, resolveField, whichEntity } from '../resolve.ts';
import { items } from '../split.ts';

const downwards =
  /,?\s*\(?\b(?:descending|desc|backwards?|reversed?|in reverse(?: order)?|downwards?|(?:the )?(?:highest|newest|latest|largest|biggest|most recent|best|most expensive) first|from (?:high|highest|new|newest) to (?:low|lowest|old|oldest)|z (?:to|-) a|absteigend|décroissant|descendente)\b\)?/i;
const upwards =
  /,?\s*\(?\b(?:ascending|asc|upwards?|(?:the )?(?:lowest|oldest|earliest|smallest|cheapest) first|from (?:low|lowest|old|oldest) to (?:high|highest|new|newest)|a (?:to|-) z|alphabetically|aufsteigend|croissant|ascendente)\b\)?/i;

/** @returns nothing when the clause does not speak about order or columns */
export function arrangeStep(context: Context, clause: string): Step | undefined {
  return sortStep(context, clause) ?? columnStep(context, clause) ?? orderStep(context, clause);
}

function sortStep(context: Context, clause: string): Step | undefined {
  const descending = downwards.test(clause);
  const bare = clause.replace(downwards, '').replace(upwards, '').trim();
  const match =
    bare.match(
      /^(?:sort|order|arrange|rank)\s+(?:the\s+)?(?:list of\s+|all\s+)?(?:(.+?)\s+)?(?:by|after|on|according to)\s+(?:the(?:ir)?\s+)?(.+)$/i,
    ) ?? bare.match(/^(.+?)\s+(?:should|must|shall) be (?:sorted|ordered|listed) by\s+(?:the(?:ir)?\s+)?(.+)$/i);
  if (match) {
    const [, list, by = ''] = match;
    const entity =
      list && !/^(?:it|them|everything|list|rows|entries|by default)$/i.test(list)
        ? exactEntity(context, list)
        : undefined;
    const resolved: Resolved<FoundField> = resolveField(context, entity ? `${by} of ${entity.plural}` : by);
    if (!('found' in resolved)) return resolved;
    return sorted(resolved.found.entity, resolved.found.field.name, descending);
  }
  const newest = clause.match(
    /^(?:show|list|put|display|sort)?\s*(?:the\s+)?(newest|latest|most recent|oldest)\s+(?:(.+?)\s+)?(?:first|on top|at the top)$/i,
  );
  if (!newest) return undefined;
  const entity = newest[2] ? exactEntity(context, newest[2]) : undefined;
  const resolved: Resolved<Entity> = entity ? { found: entity } : whichEntity(context, 'this order');
  if (!('found' in resolved)) return resolved;
  const day = resolved.found.fields.find(isDay);
  if (!day && newest[1] !== 'oldest')
    return { operations: [{ op: 'set_sort', entity: resolved.found.plural, field: null }] };
  if (!day) return { say: `${resolved.found.plural} have no date to sort by. Add one first.` };
  return sorted(resolved.found, day.name, newest[1]!.toLowerCase() !== 'oldest');
}

const sorted = (entity: Entity, field: string, descending: boolean): Step => ({
  operations: [{ op: 'set_sort', entity: entity.plural, field, ...(descending && { descending }) }],
});

const inList = /\s+(?:in|on|from|into|to)\s+(?:the\s+)?(?:list|overview|table|list view|list page)(?=\s|$)/i;
const asColumn = /\s+(?:as a column|column)(?=\s|$)/i;

const visible =
  /^(?:the\s+)?(.+?)\s+(should|shall|must|need)(\s+not|n[’']t)?\s+be\s+(?:visible|shown|displayed|seen|hidden)(?:\s+in\s+(?:the\s+)?(?:list|overview|table))?$/i;

function columnStep(context: Context, given: string): Step | undefined {
  const said = given.match(visible);
  const hidden = Boolean(said?.[3]) !== /\bhidden\b/i.test(given);
  const clause = said ? `${hidden ? 'hide' : 'show'} ${said[1]} in the list` : given;
  const hide =
    clause.match(/^(?:hide|don[’']?t show|do not show|no longer show|stop showing)\s+(?:the\s+)?(.+)$/i) ??
    (inList.test(clause) ? clause.match(/^(?:remove|take out|take)\s+(?:the\s+)?(.+)$/i) : null);
  const show = clause.match(/^(?:show|display|unhide)\s+(?:the\s+)?(.+)$/i);
  const match = hide ?? show;
  if (!match) return undefined;
  const named = inList.test(clause) || asColumn.test(clause);
  const subject = match[1]!.replace(inList, '').replace(asColumn, '').trim();
  if (!hide && !named && /\b(?:page|first|as)\b/i.test(subject)) return undefined;
  const operations: SpecOperation[] = [];
  const owner = subject.match(/^(.+?)\s+(?:of|in|from|for)\s+(?:the\s+)?(.+)$/i);
  const entity = owner ? exactEntity(context, owner[2]!) : undefined;
  for (const item of items(entity ? owner![1]! : subject)) {
    if (show && !named && exactEntity(context, item)) return undefined;
    const resolved = resolveField(context, entity ? `${item} of ${entity.plural}` : item);
    if (!('found' in resolved)) return hide || named ? resolved : undefined;
    operations.push({
      op: 'show_field',
      entity: resolved.found.entity.plural,
      field: resolved.found.field.name,
      listed: !hide,
    });
  }
  return { operations };
}

function orderStep(context: Context, clause: string): Step | undefined {
  const match =
    clause.match(
      /^(?:put|move|place|show|bring)\s+(?:the\s+)?(.+?)\s+(?:first|to the (?:top|front|beginning|start)|at the (?:top|front|beginning|start)|on top)(?:\s+in\s+(?:the\s+)?(?:menu|navigation|list|form|order))?$/i,
    ) ?? clause.match(/^(?:the\s+)?(.+?)\s+(?:should|must|shall) (?:come|be|stand) first$/i);
  if (match) {
    const entity = exactEntity(context, match[1]!);
    if (entity) return { operations: [{ op: 'order_entities', entities: [entity.plural] }] };
    const resolved = resolveField(context, match[1]!);
    if (!('found' in resolved)) return resolved;
    return {
      operations: [{ op: 'order_fields', entity: resolved.found.entity.plural, fields: [resolved.found.field.name] }],
    };
  }
  const beside = clause.match(
    /^(?:put|move|place)\s+(?:the\s+)?(.+?)\s+(before|in front of|after|behind|below|above)\s+(?:the\s+)?(.+)$/i,
  );
  if (!beside) return undefined;
  const [, what = '', where = '', other = ''] = beside;
  const moved = resolveField(context, what);
  if (!('found' in moved)) return moved;
  const anchor = resolveField(context, `${other} of ${moved.found.entity.plural}`);
  if (!('found' in anchor)) return anchor;
  const rest = moved.found.entity.fields.filter((field) => field.id !== moved.found.field.id);
  const at =
    rest.findIndex((field) => field.id === anchor.found.field.id) + (/before|front|above/i.test(where) ? 0 : 1);
  const names = [...rest.slice(0, at), moved.found.field].map((field) => field.name);
  return { operations: [{ op: 'order_fields', entity: moved.found.entity.plural, fields: names }] };
}
