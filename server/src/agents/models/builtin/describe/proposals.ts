/** What good work adds to a description: totals of lines, and the page that its subject begs for. Each is told as an assumption. */
import type { AppLanguage, Entity, Field, PageKind, Spec } from '../../../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { page } from '../commands/pages.ts';

const words: Record<AppLanguage, { amount: string; total: string }> = {
  en: { amount: 'Amount', total: 'Total' },
  de: { amount: 'Betrag', total: 'Summe' },
  fr: { amount: 'Montant', total: 'Total' },
  es: { amount: 'Importe', total: 'Total' },
};

export interface Proposals {
  operations: SpecOperation[];
  assumed: string[];
}

/** `Quantity` times `Price` on each line, and their sum on what the lines are part of. */
export function proposeTotals(spec: Spec, language: AppLanguage): Proposals {
  const operations: SpecOperation[] = [];
  const assumed: string[] = [];
  for (const entity of spec.entities) {
    const parent = entity.fields.find(
      (field) => field.type === 'reference' && field.onDelete === 'delete' && field.required,
    );
    const owner = parent && spec.entities.find((one) => one.id === parent.target);
    const quantity = entity.fields.find(
      (field) =>
        field.type === 'integer' ||
        (field.type === 'number' && /quantity|amount|menge|anzahl|quantité|cantidad/i.test(field.name)),
    );
    const price = entity.fields.find((field) => field.type === 'money');
    if (entity.link || !owner || !quantity || !price || entity.fields.some((field) => field.type === 'computed'))
      continue;
    const { amount, total } = words[language];
    if ([quantity, price].some((field) => field.name === amount) || owner.fields.some((field) => field.name === total))
      continue;
    const money = { type: 'computed' as const, result: 'money' as const, currency: price.currency };
    operations.push(
      {
        op: 'add_field',
        entity: entity.plural,
        field: { name: amount, formula: `{${price.name}} * {${quantity.name}}`, ...money },
      },
      {
        op: 'add_field',
        entity: owner.plural,
        field: { name: total, formula: `sum({${entity.plural}.${amount}})`, ...money },
      },
    );
    assumed.push(
      `${amount} of a line is ${price.name} times ${quantity.name}, and ${total} of ${owner.plural} adds them up.`,
    );
  }
  return { operations, assumed };
}

const timed =
  /^(?:appointment|booking|reservation|event|concert|rehearsal|shift|lesson|match|meeting|session|rental|class|course date|visit|termin|veranstaltung|buchung|reservierung|konzert|schicht|besuch|rendez-vous|événement|réservation|concert|cita|evento|reserva|torneo|visita)$/i;
const staged =
  /^(?:task|order|repair|job|deal|ticket|project|issue|bug|request|application|lead|aufgabe|auftrag|bestellung|reparatur|projekt|anfrage|tâche|commande|projet|tarea|pedido|proyecto|reparación)$/i;
const spent = /^(?:expense|donation|payment|sale|cost|ausgabe|spende|dépense|don|gasto|donación)$/i;
const shown =
  /^(?:photo|recipe|plant|artwork|painting|product|animal|rezept|pflanze|bild|recette|plante|receta|planta)$/i;

/** Pages for lists whose subject begs for them. */
export function proposePages(spec: Spec, language: AppLanguage): Proposals {
  const operations: SpecOperation[] = [];
  const assumed: string[] = [];
  const context = { spec, answers: [], language };
  const propose = (kind: PageKind, entity: Entity, why: string, field?: Field, value?: Field) => {
    if (spec.pages?.some((one) => one.kind === kind && one.entity === entity.id)) return;
    operations.push(page(context, kind, entity, field, value));
    assumed.push(why);
  };
  const last = (entity: Entity) => entity.name.split(' ').at(-1)!;
  for (const entity of spec.entities.filter((one) => !one.link)) {
    const day =
      entity.fields.find((field) => field.type === 'datetime') ?? entity.fields.find((field) => field.type === 'date');
    const state = entity.fields.find(
      (field) => field.type === 'choice' && /^(?:status|stage|state|statut|estado|stand)$/i.test(field.name),
    );
    const picture = entity.fields.find((field) => field.type === 'image');
    const money = entity.fields.find((field) => field.type === 'money');
    const group = entity.fields.find((field) => field.type === 'choice');
    if (day && timed.test(last(entity))) propose('calendar', entity, `${entity.plural} get a calendar.`, day);
    if (state && staged.test(last(entity)))
      propose('board', entity, `${entity.plural} get a board by ${state.name.toLowerCase()}.`, state);
    if (picture && shown.test(last(entity)))
      propose('gallery', entity, `${entity.plural} get a gallery of their pictures.`, picture);
    if (money && group && spent.test(last(entity)))
      propose(
        'chart',
        entity,
        `A chart shows what ${entity.plural.toLowerCase()} come to by ${group.name.toLowerCase()}.`,
        group,
        money,
      );
  }
  return { operations: operations.slice(0, 3), assumed: assumed.slice(0, 3) };
}
