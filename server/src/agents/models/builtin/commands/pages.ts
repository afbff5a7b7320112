/** `a board by status`, `a calendar of appointments`, `a chart of expenses by category`, `remove the board`. */
import type { Entity, Field, PageKind } from '../../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { isAmount, isDay, isGroup, typeWords } from '../../../../builds/spec/kinds.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { nearest } from '../nearest.ts';
import type { Context, Step } from '../outcome.ts';
import { exactEntity, resolveField, whichEntity } from '../resolve.ts';
import { say } from '../say.ts';
import { sentenceCase, unquoted } from '../split.ts';
import { mentionedEntity, mentionedFields } from './mentions.ts';

const kinds: [PageKind, RegExp][] = [
  ['board', /\b(?:kanban(?: board)?|board(?: view| page)?|tafel|tablero|tableau kanban|spalten)\b/i],
  ['calendar', /\b(?:calend[ae]r(?: view| page)?|kalender|calendrier|calendario|month view)\b/i],
  ['gallery', /\b(?:gall?er(?:y|ie|ía)(?: view| page)?|galería|photo wall|picture wall)\b/i],
  ['chart', /\b(?:(?:bar |pie )?charts?(?: page)?|graph|diagramm?|graphique|gráfic[oa]|statistics?|statistik)\b/i],
  [
    'print',
    /\b(?:(?:page|view|sheet|way|button|version) (?:to|for) print(?:ing)?(?: out)?|print(?= (?:them|it|these|those|all|everything)\b)|print(?:able|ing|out)? (?:page|view|list|version)|printable|print-?out|druckansicht|druckseite|page à imprimer|hoja para imprimir)\b/i,
  ],
];
/** Stands for a list that was named before. */
export const PRONOUN = /\b(?:them|it|these|those|all of them)\b/i;
const ends = '(?=\\s+(?:by|of|for|view|page|with|per)\\b|\\s*[.,;!]|\\s*$)';
/** Where a page is asked for behind a list of fields: `… and amount, and a page to print them`. */
export const nextPage = new RegExp(
  `(?:,\\s*(?:(?:and|with|plus)\\s+){0,2}|\\s+(?:and|plus|with)\\s+(?:with\\s+)?)(?=(?:also\\s+)?(?:an?|one)\\s+(?:(?:page|view|sheet|way|button)\\s+(?:to|for)\\s+print|print(?:able|ing|-?out)?\\s+(?:page|view|version|list|sheet)\\b|printable\\b|print-?out\\b|kanban\\b|druckansicht\\b|(?:board|calend[ae]r|kalender|calendrier|calendario|chart|gallery)${ends}))|(?:,\\s*(?:and\\s+)?|\\s+and\\s+)(?=print (?:them|it|these|those)\\b)|,?\\s+so (?:that )?(?:i|we) can (?=print\\b)`,
  'giu',
);
export const pageFits: Record<PageKind, (field: Field) => boolean> = {
  board: (field) => field.type === 'choice',
  calendar: isDay,
  gallery: (field) => field.type === 'image',
  chart: isGroup,
  print: () => true,
};
/** Whether a sentence asks for a page of a list, beside lists that were described before. */
export const asksForPage = (clause: string): boolean =>
  kinds.some(([, pattern]) => pattern.test(clause)) &&
  asks.test(clause.replace(/^(?:i|we)(?:[’']d like| want| need| would like)(?: to (?:see|have))?\s+/i, ''));
const asks =
  /^(?:print|add|make|create|show|display|give|put|insert|include|build|want|need|have|see|view|list|an?\b|the\b)/i;

/** @returns nothing when the clause does not speak about a page */
export function pageStep(context: Context, clause: string): Step | undefined {
  return changedPage(context, clause) ?? newPage(context, clause);
}

function newPage(context: Context, clause: string): Step | undefined {
  const printed = clause.match(/^print\s+(?:out\s+)?(?:(?:the|a|all|my|our)\s+)*(?:list of\s+)?(.+)$/i);
  const paper = printed && exactEntity(context, printed[1]!);
  if (paper) return { operations: [page(context, 'print', paper)] };
  const kind = kinds.find(([, pattern]) => pattern.test(clause));
  if (!kind || /\b(?:field|column)s?\b/i.test(clause) || exactEntity(context, clause)) return undefined;
  if (!asks.test(clause) && clause.split(/\s+/).length > 8) return undefined;
  const [wanted, pattern] = kind;
  const words = clause.replace(pattern, ' ');
  // a list that is called so is meant, not a page
  if (
    context.spec.entities.some(
      (one) => pattern.test(one.plural) && clause.toLowerCase().includes(one.plural.toLowerCase()),
    )
  )
    return undefined;
  const by = words.match(/\b(?:by|per|grouped by|sorted by|for each|nach|par|por)\s+(.+)$/i)?.[1];
  const named =
    mentionedEntity(context, by ? words.replace(by, ' ') : words) ?? (by ? undefined : mentionedEntity(context, words));
  const fits = pageFits[wanted];
  const field = (by ? mentionedFields(context, by, named) : mentionedFields(context, words, named)).find(
    (one) => fits(one.field) && wanted !== 'print',
  );
  const candidates = context.spec.entities.filter((one) => !one.link && one.fields.some(fits));
  if (by && !field && (wanted === 'chart' || wanted === 'board') && context.spec.entities.length > 0) {
    const resolved = resolveField(context, named ? `${by} of ${named.plural}` : by);
    if (!('found' in resolved)) return resolved;
    const { field: wrong } = resolved.found;
    if (!fits(wrong))
      return {
        say: `${wrong.name} is a ${typeWords[wrong.type]}; a ${wanted} needs ${needs[wanted]}. Make it a choice first, for example “${wrong.name.toLowerCase()} can be …, … or …”.`,
      };
  }
  const last = context.subject === undefined ? undefined : exactEntity(context, context.subject);
  const meant = last && candidates.includes(last) ? last : undefined;
  const entity = named ?? field?.entity ?? (candidates.length === 1 ? candidates[0] : meant);
  if (!entity) {
    if (candidates.length === 0)
      return { say: `No list has what a ${wanted} needs: ${needs[wanted]}. Add such a field first.` };
    const resolved = whichEntity(context, wanted === 'print' ? 'the page to print' : `the ${wanted}`, candidates);
    return 'found' in resolved ? { operations: [page(context, wanted, resolved.found, field?.field)] } : resolved;
  }
  const value =
    wanted === 'chart'
      ? mentionedFields(context, words, entity).find((one) => isAmount(one.field) && one.field !== field?.field)?.field
      : undefined;
  return { operations: [page(context, wanted, entity, field?.entity === entity ? field.field : undefined, value)] };
}

const needs: Record<PageKind, string> = {
  board: 'a choice, for example a status',
  calendar: 'a date',
  gallery: 'a picture',
  chart: 'a choice, a date or a link to another list',
  print: 'any field',
};
const names: Record<'de' | 'fr' | 'es', Record<PageKind, (plural: string, by: string) => string>> = {
  de: {
    board: (many) => `${many}: Tafel`,
    calendar: (many) => `${many}: Kalender`,
    gallery: (many) => `${many}: Bilder`,
    chart: (many, by) => `${many} nach ${by}`,
    print: (many) => `${many} drucken`,
  },
  fr: {
    board: (many) => `Tableau : ${many}`,
    calendar: (many) => `Calendrier : ${many}`,
    gallery: (many) => `Galerie : ${many}`,
    chart: (many, by) => `${many} par ${by.toLowerCase()}`,
    print: (many) => `Imprimer : ${many}`,
  },
  es: {
    board: (many) => `Tablero: ${many}`,
    calendar: (many) => `Calendario: ${many}`,
    gallery: (many) => `Galería: ${many}`,
    chart: (many, by) => `${many} por ${by.toLowerCase()}`,
    print: (many) => `Imprimir: ${many}`,
  },
};

/** The operation that adds a page, named in the language of the app. */
export function page(context: Context, kind: PageKind, entity: Entity, field?: Field, value?: Field): SpecOperation {
  const language = context.spec.language ?? 'en';
  const shown = field ?? entity.fields.find(pageFits[kind]);
  const name = language === 'en' ? undefined : names[language][kind](entity.plural, shown?.name ?? '');
  return {
    op: 'add_page',
    kind,
    entity: entity.plural,
    ...(name && { name }),
    ...(field && { field: field.name }),
    ...(value && { value: value.name }),
  };
}

/** `remove the calendar`, `rename the board to Work` */
function changedPage(context: Context, clause: string): Step | undefined {
  const pages = context.spec.pages ?? [];
  const removed = clause.match(/^(?:remove|delete|drop|get rid of)\s+(?:the\s+)?(.+)$/i);
  const renamed = clause.match(/^(?:rename|call)\s+(?:the\s+)?(.+?)\s+(?:to|as|into)\s+(.+)$/i);
  const subject = (removed ?? renamed)?.[1];
  if (subject === undefined || pages.length === 0) return undefined;
  const bare = comparable(subject.replace(/\s+page$/i, ''));
  const kind = kinds.find(([, pattern]) => pattern.test(subject))?.[0];
  const ofKind = pages.filter((one) => one.kind === kind);
  const entity = kind && mentionedEntity(context, subject);
  const found =
    pages.find((one) => comparable(one.name) === bare || comparable(one.name) === comparable(subject)) ??
    ofKind.find((one) => entity && one.entity === entity.id) ??
    (ofKind.length === 1 ? ofKind[0] : undefined);
  if (!found) {
    if (!kind && !/\bpage$/i.test(subject)) return undefined;
    const near = nearest(
      subject,
      pages.map((one) => one.name),
      1,
    )[0];
    return {
      say: `There is no page called ${say(subject)}. There is ${near ?? pages.map((one) => one.name).join(', ')}.`,
    };
  }
  if (removed) return { operations: [{ op: 'remove_page', page: found.name }] };
  return { operations: [{ op: 'rename_page', page: found.name, name: sentenceCase(unquoted(renamed![2]!)) }] };
}
