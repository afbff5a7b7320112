/** What people say first, in their own languages, and what they expect of it. */
import { describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../../../contract/spec.ts';
import { compile } from '../../../builds/compiler/compile.ts';
import { applyOperations } from '../../../builds/spec/apply.ts';
import { interpret } from './interpret.ts';
import { planText } from './plan-text.ts';

/** The spec after messages one after the other, none of which may be asked about or left over. */
function built(...messages: string[]): Spec {
  let spec: Spec | null = null;
  for (const message of messages) {
    const meant = interpret(message, spec);
    if (meant.kind !== 'do') throw new Error(`${message}\n${JSON.stringify(meant)}`);
    expect([message, meant.left]).toEqual([message, []]);
    const applied = applyOperations(spec ?? emptySpec(meant.title), meant.operations);
    if (!applied.ok) throw new Error(`${message}: ${applied.message}`);
    spec = applied.spec;
  }
  compile(spec!, { slug: 'x' });
  return spec!;
}

/** `Facture: Numéro text, Client → Client` */
const listsOf = (spec: Spec): string[] =>
  spec.entities.map(
    ({ name, fields }) =>
      `${name}: ${fields
        .map((field) => {
          const target = spec.entities.find(({ id }) => id === field.target);
          return target ? `${field.name} → ${target.name}` : `${field.name} ${field.type}`;
        })
        .join(', ')}`,
  );
const pagesOf = (spec: Spec): string[] =>
  (spec.pages ?? []).map(({ kind, entity }) => `${kind} of ${spec.entities.find(({ id }) => id === entity)!.plural}`);

describe('a page behind the fields of a list', () => {
  it.each([
    [['add invoices with number, date and amount, and a page to print them'], ['print of Invoices']],
    [
      ['customers with name and email', 'add invoices with number, date and amount, and a page to print them'],
      ['print of Invoices'],
    ],
    [['customers with name; invoices with number and amount so I can print them'], ['print of Invoices']],
    [['invoices with number and date and print them'], ['print of Invoices']],
    [['Mitglieder mit Name und Geburtstag, und eine Seite zum Drucken'], ['print of Mitglieder']],
    [['membres avec nom et e-mail, et une page pour les imprimer'], ['print of Membres']],
    [['socios con nombre y correo y una página para imprimirlos'], ['print of Socios']],
    [
      [
        'customers with name',
        'add tasks with title, due date and status (open, done), a board by status and a calendar',
      ],
      ['board of Tasks', 'calendar of Tasks'],
    ],
    [
      [
        'Track repairs with customer, due date, status (open, done) and price, with a board by status and a calendar by due date',
      ],
      ['board of Repairs', 'calendar of Repairs'],
    ],
    [['A bike shop: repairs with a customer, price and due date, plus a printable list'], ['print of Repairs']],
  ])('%s', (messages, pages) => {
    const spec = built(...messages);
    expect(pagesOf(spec)).toEqual(pages);
    expect(JSON.stringify(spec.entities)).not.toMatch(/print|druck|imprim|with a|plus a/i);
  });

  it('keeps the list beside the page', () => {
    const spec = built('customers with name', 'add invoices with number, date and amount, and a page to print them');
    expect(listsOf(spec)[1]).toBe('Invoice: Number integer, Date date, Amount money, Customer → Customer');
  });

  it('leaves a field of that name a field', () => {
    const spec = built('meals with name, calendar week, board position and chart number');
    expect(listsOf(spec)).toEqual(['Meal: Name text, Calendar week text, Board position text, Chart number text']);
    expect(pagesOf(spec)).toEqual([]);
  });
});

describe('lists inside of a list', () => {
  it('reads a class list as students and their grades', () => {
    const spec = built('Klassenliste mit Schülern (Vorname, Nachname, Geburtsdatum) und Noten (Fach, Note, Datum)');
    expect([spec.title, ...listsOf(spec)]).toEqual([
      'Klassenliste',
      'Schüler: Vorname text, Nachname text, Geburtsdatum date',
      'Note: Schüler → Schüler, Fach text, Note number, Datum date',
    ]);
  });

  it('knows the dative of several', () => {
    const spec = built('Verwaltung von Büchern (Titel, Autor) und Lesern (Name, E-Mail)');
    expect(spec.entities.map(({ name, plural }) => [name, plural])).toEqual([
      ['Buch', 'Bücher'],
      ['Leser', 'Leser'],
    ]);
  });
});

describe('what belongs to something else', () => {
  it.each([
    [['Clients avec nom, factures avec numéro et date. Une facture appartient à un client.'], 'Facture', 'Client'],
    [['factures avec numéro et date, une facture appartient à un client'], 'Facture', 'Client'],
    [['Clients avec nom, factures avec numéro, date, appartient à un client'], 'Facture', 'Client'],
    [['clients avec nom et des factures avec numéro, montant qui appartiennent à un client'], 'Facture', 'Client'],
    [['clients avec nom', 'une facture appartient à un client'], 'Facture', 'Client'],
    [
      ['clients avec nom', 'ajoute des factures avec numéro, date, une facture appartient à un client'],
      'Facture',
      'Client',
    ],
    [['factures avec numéro, date', 'les factures appartiennent à un client'], 'Facture', 'Client'],
    [['Kunden mit Name, Rechnungen mit Nummer, Datum, gehört zu Kunde'], 'Rechnung', 'Kunde'],
    [['Kunden mit Name und Rechnungen mit Nummer und Betrag, die zu einem Kunden gehören'], 'Rechnung', 'Kunde'],
    [['Kunden mit Name', 'Rechnungen mit Nummer, eine Rechnung gehört zu einem Kunden'], 'Rechnung', 'Kunde'],
    [
      ['Kunden mit Name', 'Füge Rechnungen mit Nummer hinzu, jede Rechnung gehört zu einem Kunden'],
      'Rechnung',
      'Kunde',
    ],
    [['Bücher mit Titel, gehört zu einem Regal'], 'Buch', 'Regal'],
    [['Clientes con nombre, facturas con número, fecha, pertenece a un cliente'], 'Factura', 'Cliente'],
    [['clientes con nombre', 'facturas con número. Cada factura pertenece a un cliente'], 'Factura', 'Cliente'],
    [['facturas con número', 'las facturas pertenecen a un cliente'], 'Factura', 'Cliente'],
    [['books with title and belongs to a shelf'], 'Book', 'Shelf'],
    [['books with title', 'add a colour and belongs to a reader to books'], 'Book', 'Reader'],
  ])('%s', (messages, from, to) => {
    const spec = built(...messages);
    const entity = spec.entities.find(({ name }) => name === from)!;
    const pointers = entity.fields.filter(({ type }) => type === 'reference');
    expect(pointers.map(({ name, target }) => [name, spec.entities.find(({ id }) => id === target)!.name])).toEqual([
      [to, to],
    ]);
    expect(spec.entities.map(({ name }) => name).sort()).toEqual([from, to].sort());
    for (const { name } of spec.entities.flatMap(({ fields }) => fields))
      expect(name).not.toMatch(/belong|appart|gehör|pertenec/i);
  });

  it('adds nothing to a list that is there already, and says when it is so already', () => {
    const spec = built('Kunden mit Name', 'Rechnungen mit Nummer, eine Rechnung gehört zu einem Kunden');
    expect(listsOf(spec)).toEqual(['Kunde: Name text', 'Rechnung: Nummer text, Kunde → Kunde']);
    const again = interpret('jede Rechnung gehört zu einem Kunden', spec);
    expect(again).toMatchObject({ kind: 'say', text: expect.stringContaining('already') });
  });
});

describe('a status', () => {
  const statusOf = (spec: Spec) => spec.entities.at(-1)!.fields.find(({ type }) => type === 'choice')!;
  it.each([
    [['tickets with title, status open, in progress, closed and a customer'], 'open'],
    [['tickets with title and status (open, closed)'], 'open'],
    [['Aufträge mit Titel und Status (offen, fertig)'], 'offen'],
    [['commandes avec date et statut (nouvelle, payée)'], 'nouvelle'],
    [['tickets with title', 'add a status field with open, in progress, done'], 'open'],
    [['tickets with title', 'add status to tickets: waiting, done'], 'waiting'],
  ])('%s begins as %s', (messages, first) => {
    expect(statusOf(built(...messages)).default).toBe(first);
  });

  it('is not every choice, and what somebody says counts', () => {
    expect(statusOf(built('books with title and genre (novel, poetry)')).default).toBeUndefined();
    expect(statusOf(built('addresses with street and state (Bavaria, Hesse)')).default).toBeUndefined();
    expect(statusOf(built('tickets with title and status (open, closed)', 'new tickets are closed')).default).toBe(
      'closed',
    );
  });

  it('is told in the plan', () => {
    const meant = interpret('tickets with title and status (in progress, closed)', null);
    expect(meant.kind === 'do' && planText(meant, true)).toContain(
      'Status (In progress, Closed; starts as In progress)',
    );
  });
});
