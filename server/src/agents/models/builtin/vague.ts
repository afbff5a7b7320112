/**
 * `an app for my club`: whose it is, but not what it should keep. One question with what such places usually keep, then the next; an
 * answer is read like any description.
 */
import type { AppLanguage } from '../../../../../contract/spec.ts';
import { withoutLead } from './describe/head.ts';
import type { Question } from './outcome.ts';
import { sentenceCase } from './split.ts';

interface Place {
  /** what people call it */
  names: string;
  /** what it usually keeps, by language: the label, then what it stands for when chosen */
  keeps: Partial<Record<AppLanguage, string>>;
}

const places: Place[] = [
  {
    names:
      'club|society|association|choir|band|team|church|parish|community|group|scouts|orchestra|verein|sportverein|chor|gruppe|mannschaft|gemeinde|association|chorale|équipe|asociación|coro|equipo',
    keeps: {
      en: 'Members: members with name, email, phone and joined on|Events: events with title, date and time, place and description|Fees: fees with member, year, amount in euros and paid|Members and events: members with name, email and phone; events with title, date and time and place',
      de: 'Mitglieder: Mitglieder mit Name, E-Mail, Telefon und Eintrittsdatum|Veranstaltungen: Veranstaltungen mit Titel, Datum, Ort und Beschreibung|Beiträge: Beiträge mit Mitglied, Jahr, Betrag und bezahlt|Mitglieder und Veranstaltungen: Mitglieder mit Name, E-Mail und Telefon; Veranstaltungen mit Titel, Datum und Ort',
      fr: 'Membres: membres avec nom, e-mail et téléphone|Événements: événements avec titre, date, lieu et description|Cotisations: cotisations avec membre, année, montant et payé',
      es: 'Socios: socios con nombre, correo y teléfono|Eventos: eventos con título, fecha, lugar y descripción|Cuotas: cuotas con socio, año, importe y pagado',
    },
  },
  {
    names:
      'shop|store|business|company|firm|startup|bakery|restaurant|café|cafe|salon|workshop|garage|farm|geschäft|laden|firma|unternehmen|werkstatt|bäckerei|boutique|magasin|entreprise|atelier|tienda|negocio|empresa|taller',
    keeps: {
      en: 'Customers: customers with name, email, phone and notes|Orders: customers with name, email and phone; orders with customer, date, total in euros and status (new, paid, shipped)|Stock: products with name, price, quantity and supplier|Invoices: invoices with number, customer, date, due date, total in euros and paid',
      de: 'Kunden: Kunden mit Name, E-Mail, Telefon und Notizen|Aufträge: Kunden mit Name, E-Mail und Telefon; Aufträge mit Kunde, Datum, Betrag und Status (neu, in Arbeit, fertig)|Lager: Produkte mit Name, Preis und Bestand',
      fr: 'Clients: clients avec nom, e-mail et téléphone|Commandes: clients avec nom, e-mail et téléphone; commandes avec client, date, montant et statut (nouvelle, payée, expédiée)|Stock: produits avec nom, prix et quantité',
      es: 'Clientes: clientes con nombre, correo y teléfono|Pedidos: clientes con nombre, correo y teléfono; pedidos con cliente, fecha, importe y estado (nuevo, pagado, enviado)|Existencias: productos con nombre, precio y cantidad',
    },
  },
  {
    names:
      'practice|clinic|surgery|hospital|nursing home|vet|dentist|doctor|praxis|arztpraxis|tierarztpraxis|klinik|cabinet|clinique|consulta|clínica',
    keeps: {
      en: 'Patients and appointments: patients with name, date of birth and phone; appointments with patient, date and time and reason|Patients: patients with name, date of birth, phone and notes|Stock: items with name, quantity, minimum stock and best before',
      de: 'Patienten und Termine: Patienten mit Name, Geburtsdatum und Telefon; Termine mit Patient, Datum und Uhrzeit und Grund|Patienten: Patienten mit Name, Geburtsdatum, Telefon und Notizen|Lager: Artikel mit Name, Anzahl und Ablaufdatum',
      fr: 'Patients et rendez-vous: patients avec nom, date de naissance et téléphone; rendez-vous avec patient, date et heure et motif|Patients: patients avec nom, date de naissance et téléphone',
      es: 'Pacientes y citas: pacientes con nombre, fecha de nacimiento y teléfono; citas con paciente, fecha y hora y motivo|Pacientes: pacientes con nombre, fecha de nacimiento y teléfono',
    },
  },
  {
    names:
      'school|class|classroom|kindergarten|nursery|university|course|library|students|schule|klasse|kita|uni|école|classe|escuela|colegio|clase',
    keeps: {
      en: 'Students: students with name, class and email|Courses and students: courses with title, teacher, room and start date; students with name and email; students can join several courses|Homework: homework with title, subject, due date and handed in|Grades: students with name and class; grades with student, subject, date and points',
      de: 'Schüler: Schüler mit Name, Klasse und E-Mail|Kurse: Kurse mit Titel, Lehrer, Raum und Datum|Hausaufgaben: Hausaufgaben mit Titel, Fach, Termin und abgegeben',
      fr: 'Élèves: élèves avec nom, classe et e-mail|Cours: cours avec titre, professeur, salle et date|Devoirs: devoirs avec titre, matière, échéance et rendu',
      es: 'Alumnos: alumnos con nombre, clase y correo|Cursos: cursos con título, profesor, aula y fecha|Deberes: deberes con título, asignatura, plazo y entregado',
    },
  },
  {
    names:
      'family|home|house|household|garden|wedding|party|trip|holiday|life|hobby|familie|haushalt|haus|garten|hochzeit|famille|maison|mariage|familia|casa|boda',
    keeps: {
      en: 'To-dos: tasks with title, who, due date and done|Shopping: items with name, quantity and bought|Expenses: expenses with description (text), amount in euros, date and category (food, home, travel, other)|Guests: guests with name, email and accepted',
      de: 'Aufgaben: Aufgaben mit Titel, Termin und erledigt|Einkäufe: Artikel mit Name und Anzahl|Ausgaben: Ausgaben mit Titel, Betrag und Datum',
      fr: 'Tâches: tâches avec titre, échéance et terminé|Dépenses: dépenses avec titre, montant et date',
      es: 'Tareas: tareas con título, plazo y hecho|Gastos: gastos con título, importe y fecha',
    },
  },
  {
    names:
      'work|office|job|department|project|projects|team work|colleagues|boss|things|stuff|everything|data|information|life|day|arbeit|büro|abteilung|projekt|travail|bureau|projet|trabajo|oficina|proyecto',
    keeps: {
      en: 'Tasks: tasks with title, assignee, due date, priority and status (to do, doing, done)|Projects: projects with name, client, deadline and status (planned, running, finished)|Contacts: contacts with name, company, email and phone|Time: time entries with date, project, hours and description',
      de: 'Aufgaben: Aufgaben mit Titel, Zuständig, Termin und Status (offen, in Arbeit, fertig)|Projekte: Projekte mit Name, Kunde, Frist und Status (geplant, läuft, fertig)|Kontakte: Kontakte mit Name, Firma, E-Mail und Telefon',
      fr: 'Tâches: tâches avec titre, échéance et statut (à faire, en cours, terminé)|Projets: projets avec nom, client et échéance|Contacts: contacts avec nom, société, e-mail et téléphone',
      es: 'Tareas: tareas con título, plazo y estado (pendiente, en curso, hecho)|Proyectos: proyectos con nombre, cliente y plazo|Contactos: contactos con nombre, empresa, correo y teléfono',
    },
  },
];

const questions: Record<AppLanguage, { what: (name: string) => string; detail: string }> = {
  en: {
    what: (name) => `What should the app${name && ` for your ${name}`} keep track of first?`,
    detail:
      'More can follow at any time. You can also answer in your own words, for example “members with name, email and birthday”.',
  },
  de: {
    what: (name) => `Was soll die App${name && ` für „${name}“`} zuerst festhalten?`,
    detail:
      'Mehr kann jederzeit dazukommen. Sie können auch in eigenen Worten antworten, zum Beispiel „Mitglieder mit Name und E-Mail“.',
  },
  fr: {
    what: (name) => `Que doit noter l’application${name && ` pour « ${name} »`} en premier ?`,
    detail: 'Le reste peut suivre à tout moment. Vous pouvez aussi répondre avec vos propres mots.',
  },
  es: {
    what: (name) => `¿Qué debe guardar primero la aplicación${name && ` para «${name}»`}?`,
    detail: 'Lo demás puede añadirse en cualquier momento. También puede responder con sus propias palabras.',
  },
};

export interface Vague {
  ask: Question;
  /** what an option's label stands for */
  meaning: ReadonlyMap<string, string>;
  /** of the app, when the place has a name */
  title: string | undefined;
}

const about =
  /^(?:(?:an? |the |some |my )?(?:(?:simple|small|little|nice|good|new|great|web|mobile|custom) )*(?:app|apps|application|something|anything|tool|system|software|program|website|site|database|platform|solution|thing|it)(?: (?:for|to help(?: me)?(?: with)?|to (?:run|manage|organi[sz]e)|in|at|about|with) )?|(?:help (?:me|us) (?:to )?(?:with |organi[sz]e |manage |run )|organi[sz]e |manage |run ))?(?:the |my |our |a |an |me |us |all )*/i;

/** @param text in English words @returns nothing when the text says what it is about */
export function vagueWish(text: string, language: AppLanguage): Vague | undefined {
  const bare = text.trim().replace(/[.!?…]+$/, '');
  if (bare === '' || bare.length > 120 || /[,:;\n(]/.test(bare)) return undefined;
  const polite = bare.replace(
    /^(?:(?:hi|hello|hey|please)[,! ]+)*(?:(?:can|could|would) you (?:please )?)?(?:(?:i|we)(?:[’']d| would)? (?:like|want|need|wish)(?: to have| to build| to make)?\s+|(?:make|build|create|give)(?: (?:me|us))?\s+)?/i,
    '',
  );
  const lead = polite.match(about)?.[0] ?? '';
  const rest = polite
    .slice(lead.length)
    .trim()
    .replace(/^(?:small|local|little|own) /i, '');
  const empty = rest === '' && lead !== '' && withoutLead(polite) !== '';
  const words = rest.toLowerCase().split(/\s+/);
  const named = (place: Place) =>
    place.names.split('|').some((name) => rest.toLowerCase() === name || (words.length <= 3 && words.at(-1) === name));
  const place = places.find(named) ?? (empty || (lead !== '' && rest === '') ? places.at(-1) : undefined);
  const owned = lead !== '' || words.length <= 2;
  if (!place || !owned) return undefined;
  const name = rest;
  const options = (place.keeps[language] ?? place.keeps.en!).split('|').map((line) => {
    const at = line.indexOf(': ');
    return { label: line.slice(0, at), detail: line.slice(at + 2) };
  });
  const { what, detail } = questions[language];
  return {
    ask: { question: what(name), detail, options, allowText: true },
    meaning: new Map(options.map((option) => [option.label.toLowerCase(), option.detail])),
    title: name ? sentenceCase(name) : undefined,
  };
}
