/** Operations on the app as a whole: its look and language, roles and who may do what, order of lists, pages and the home page. */
import { type Entity, type Field, type Page, type PageKind, type Spec, specLimits } from '../../../../contract/spec.ts';
import type { Refusal } from './fields.ts';
import { isAmount, isDay, isGroup, isSortable, isStored } from './kinds.ts';
import { slugFor } from './naming.ts';
import { accessOf, prune } from './prune.ts';
import { comparable, findEntity, findField } from './references.ts';
import { type FreshId, type Of, replaceEntity, replaceField, type Step } from './step.ts';

export function setLook(spec: Spec, { icon, colour }: Of<'set_look'>): Step {
  const said = [icon && `gives the app the icon ${icon}`, colour && `the colour ${colour}`]
    .filter(Boolean)
    .join(' and ');
  const look = {
    ...(icon !== undefined && { icon: icon ?? undefined }),
    ...(colour !== undefined && { colour: colour ?? undefined }),
  };
  return {
    spec: { ...spec, ...look },
    said: said ? said[0]!.toUpperCase() + said.slice(1) : 'Gives the app its first look back',
  };
}

export function addRole(spec: Spec, operation: Of<'add_role'>, fresh: FreshId): Step {
  const roles = spec.roles ?? [];
  const taken = roles.find((role) => comparable(role.name) === comparable(operation.name));
  if (taken) return { code: 'name_taken', message: `There is a role called “${taken.name}” already.` };
  if (roles.length >= specLimits.roles)
    return { code: 'too_many', message: `An app has at most ${specLimits.roles} roles.` };
  const role = { id: fresh('rol', operation.id, 'role', operation.name), name: operation.name };
  return { spec: { ...spec, roles: [...roles, role] }, said: `Adds the role ${role.name}` };
}

export function renameRole(spec: Spec, operation: Of<'rename_role'>): Step {
  const ids = rolesNamed(spec, [operation.role]);
  if ('code' in ids) return ids;
  const roles = spec.roles!.map((role) => (role.id === ids[0] ? { ...role, name: operation.name } : role));
  return { spec: { ...spec, roles }, said: `Calls the role ${operation.role} “${operation.name}”` };
}

export function removeRole(spec: Spec, operation: Of<'remove_role'>): Step {
  const ids = rolesNamed(spec, [operation.role]);
  if ('code' in ids) return ids;
  const role = spec.roles!.find((one) => one.id === ids[0])!;
  // taking the last role of a rule away would open it to everybody
  const alone = (rule?: string[]) => rule?.length === 1 && rule[0] === role.id;
  for (const entity of spec.entities)
    if (alone(entity.access?.see) || alone(entity.access?.change) || entity.fields.some((field) => alone(field.roles)))
      return {
        code: 'still_used',
        message: `Only ${role.name} may see or change some of ${entity.plural}. Say who else may, or open it to everybody, first.`,
      };
  const { spec: next } = prune({ ...spec, roles: spec.roles!.filter((one) => one !== role) });
  return { spec: next, said: `Removes the role ${role.name}` };
}

/** The ids of roles. An empty list means nobody in particular: everybody. */
function rolesNamed(spec: Spec, names: readonly string[]): string[] | Refusal {
  const ids: string[] = [];
  for (const name of names) {
    const role = spec.roles?.find((one) => one.id === name || comparable(one.name) === comparable(name));
    if (!role) {
      const there = spec.roles?.map((one) => `“${one.name}”`).join(', ');
      return {
        code: 'unknown_role',
        message: `There is no role called “${name}”. ${there ? `There is ${there}.` : 'The app has no roles yet.'}`,
      };
    }
    ids.push(role.id);
  }
  return ids;
}

const roleNames = (spec: Spec, ids: string[]): string =>
  ids.map((id) => spec.roles!.find((role) => role.id === id)!.name).join(', ');

export function setAccess(spec: Spec, entity: Entity, operation: Of<'set_access'>): Step {
  const rule = (given: string[] | null | undefined, before: string[] | undefined) =>
    given === undefined ? (before ?? []) : rolesNamed(spec, given ?? []);
  const [see, change] = [rule(operation.see, entity.access?.see), rule(operation.change, entity.access?.change)];
  if ('code' in see) return see;
  if ('code' in change) return change;
  const who = (ids: string[]) => (ids.length > 0 ? roleNames(spec, ids) : 'everybody');
  return {
    spec: replaceEntity(spec, { ...entity, access: accessOf(see, change) }),
    said: `${entity.plural} are seen by ${who(see)} and changed by ${change.length > 0 ? who(change) : 'whoever sees them'}`,
  };
}

export function limitField(spec: Spec, entity: Entity, field: Field, operation: Of<'limit_field'>): Step {
  const ids = rolesNamed(spec, operation.roles ?? []);
  if ('code' in ids) return ids;
  if (ids.length > 0 && field.required)
    return {
      code: 'rule_does_not_fit',
      message: `${field.name} must be filled in, so whoever adds a row has to see it. Make it optional first.`,
    };
  if (ids.length > 0 && entity.displayField === field.id)
    return {
      code: 'rule_does_not_fit',
      message: `${entity.plural} are called by their ${field.name} everywhere. Call them by another field first.`,
    };
  return {
    spec: replaceField(spec, entity, { ...field, roles: ids.length > 0 ? ids : undefined }),
    said: `${field.name} of ${entity.plural} is seen by ${ids.length > 0 ? roleNames(spec, ids) : 'everybody'}`,
  };
}

export function setSort(spec: Spec, entity: Entity, operation: Of<'set_sort'>): Step {
  if (operation.field === null)
    return {
      spec: replaceEntity(spec, { ...entity, sort: undefined }),
      said: `${entity.plural} start with the newest`,
    };
  const found = findField(entity, operation.field);
  if (!('found' in found)) return found;
  if (!isSortable(found.found))
    return { code: 'rule_does_not_fit', message: `${entity.plural} cannot be sorted by ${found.found.name}.` };
  const { descending } = operation;
  return {
    spec: replaceEntity(spec, { ...entity, sort: { field: found.found.id, descending } }),
    said: `${entity.plural} are sorted by ${found.found.name}${descending ? ', turned round' : ''}`,
  };
}

const fits: Record<PageKind, ((field: Field) => boolean) | undefined> = {
  board: (field) => field.type === 'choice',
  calendar: isDay,
  gallery: (field) => field.type === 'image',
  chart: isGroup,
  print: undefined,
};
const needs: Record<PageKind, string> = {
  board: 'a choice, for example a status',
  calendar: 'a date',
  gallery: 'a picture',
  chart: 'a choice, a yes or no, a rating, a date or a link to another list',
  print: '',
};
const pageNames: Record<PageKind, (entity: Entity, field?: Field) => string> = {
  board: (entity) => `${entity.plural} board`,
  calendar: (entity) => `${entity.plural} calendar`,
  gallery: (entity) => `${entity.plural} gallery`,
  chart: (entity, field) => `${entity.plural} by ${field?.name.toLowerCase()}`,
  print: (entity) => `Print ${entity.plural}`,
};

export function addPage(spec: Spec, entity: Entity, operation: Of<'add_page'>, fresh: FreshId): Step {
  const pages = spec.pages ?? [];
  if (pages.length >= specLimits.pages)
    return { code: 'too_many', message: `An app has at most ${specLimits.pages} pages of its own.` };
  const suits = fits[operation.kind];
  let field: Field | undefined;
  if (operation.field !== undefined) {
    const found = findField(entity, operation.field);
    if (!('found' in found)) return found;
    field = found.found;
  } else if (suits) field = entity.fields.find(suits);
  if (suits && (!field || !suits(field)))
    return {
      code: 'page_does_not_fit',
      message: `A ${operation.kind} of ${entity.plural} needs ${needs[operation.kind]}. Add such a field first.`,
    };
  let value: Field | undefined;
  if (operation.value !== undefined) {
    const found = findField(entity, operation.value);
    if (!('found' in found)) return found;
    value = found.found;
    if (!isAmount(value)) return { code: 'page_does_not_fit', message: `${value.name} is no number to add up.` };
  }
  const name = (operation.name ?? pageNames[operation.kind](entity, field)).slice(0, specLimits.label);
  if (pages.some((page) => comparable(page.name) === comparable(name)))
    return { code: 'name_taken', message: `There is a page called “${name}” already.` };
  const slug = slugFor(name, [...pages.map((page) => page.slug), ...spec.entities.map((one) => one.slug)]);
  const base = { id: fresh('pag', operation.id, 'page', operation.kind, name), name, slug, entity: entity.id };
  const page = {
    ...base,
    kind: operation.kind,
    ...(suits && { field: field!.id }),
    ...(operation.kind === 'chart' && value && { value: value.id }),
  } as Page;
  return { spec: { ...spec, pages: [...pages, page] }, said: `Adds the page ${name}` };
}

export function changePage(spec: Spec, operation: Of<'rename_page'> | Of<'remove_page'>): Step {
  const pages = spec.pages ?? [];
  const wanted = comparable(operation.page);
  const page = pages.find(
    (one) => one.id === operation.page || comparable(one.name) === wanted || one.slug === operation.page,
  );
  if (!page) {
    const there = pages.map((one) => `“${one.name}”`).join(', ');
    return {
      code: 'unknown_page',
      message: `There is no page called “${operation.page}”. ${there ? `There is ${there}.` : 'The app has no pages of its own yet.'}`,
    };
  }
  if (operation.op === 'remove_page')
    return { spec: { ...spec, pages: pages.filter((one) => one !== page) }, said: `Removes the page ${page.name}` };
  if (pages.some((one) => one !== page && comparable(one.name) === comparable(operation.name)))
    return { code: 'name_taken', message: `There is a page called “${operation.name}” already.` };
  const others = [
    ...pages.filter((one) => one !== page).map((one) => one.slug),
    ...spec.entities.map((one) => one.slug),
  ];
  const renamed = { ...page, name: operation.name, slug: slugFor(operation.name, others) };
  return {
    spec: { ...spec, pages: pages.map((one) => (one === page ? renamed : one)) },
    said: `Calls the page ${page.name} “${operation.name}”`,
  };
}

export function setHome(spec: Spec, { blocks }: Of<'set_home'>): Step {
  for (const block of blocks ?? []) {
    const entity = findEntity(spec, block.entity);
    if (!('found' in entity)) return entity;
    const field = 'field' in block ? findField(entity.found, block.field) : undefined;
    if (field && !('found' in field)) return field;
    const fitting =
      block.kind === 'sum' ? isAmount : block.kind === 'upcoming' ? isDay : block.kind === 'chart' ? isGroup : isStored;
    if (field && !fitting(field.found))
      return { code: 'page_does_not_fit', message: `The home page cannot show ${block.kind} of ${field.found.name}.` };
  }
  return {
    spec: { ...spec, home: blocks ?? undefined },
    said: blocks ? 'Arranges the home page' : 'Lets the home page choose what matters',
  };
}
