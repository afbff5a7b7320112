/**
 * What well-known things have when only their name is said (`a customer list`): a proposal, told as one. By the name of one of them; each
 * phrase is read like a person's own words.
 */
const lines = `
book: title, author | film: title, year, rating | movie: title, year, rating | recipe: title, ingredients, instructions | task: title, due date, done
chore: title, due date, done | contact: name, email, phone | customer: name, email, phone | client: name, email, phone | member: name, email, phone
expense: description (text), amount in euros, date | event: title, date, place | item: name, quantity | note: title, text | entry: date, text | post: title, text, date
song: title, artist | student: name, class, email | pupil: name, class | teacher: name, email, subject | parent: name, phone, email | employee: name, email, phone
supplier: name, email, phone | product: name, price | order: date, status (new, paid, shipped) | invoice: number, date, due date, total (money), paid | patient: name, date of birth, phone
appointment: date and time, notes | course: title, start date | owner: name, phone, email | company: name, website, city | project: name, status (planned, running, finished), deadline
room: name, capacity | court: name | author: name, country | guest: name, email, phone | visit: date, notes | payment: date, amount in euros | fee: year, amount in euros, paid | booking: date, notes
reservation: date and time, people | order line: quantity, price | lesson: date, topic | person: name, email, phone | team: name | group: name | department: name | category: name | tag: name
volunteer: name, email, phone | donation: date, amount in euros | sale: date, amount in euros | meeting: title, date and time, place, minutes (long text) | animal: name, species, date of birth | pet: name, species, date of birth
car: make, model, licence plate, year | vehicle: make, model, licence plate | shift: date, start time, end time | exam: subject, date | photo: title, photo, date | document: title, file, date
kunde: Name, E-Mail, Telefon | mitglied: Name, E-Mail, Telefon, Eintrittsdatum | buch: Titel, Autor | aufgabe: Titel, Termin, erledigt | produkt: Name, Preis | bestellung: Datum, Status (neu, bezahlt, versendet)
auftrag: Beschreibung, Termin, Status (offen, in Arbeit, fertig) | termin: Datum und Uhrzeit, Notizen | veranstaltung: Titel, Datum, Ort | rezept: Titel, Zutaten, Zubereitung | rechnung: Nummer, Datum, Betrag, bezahlt
schüler: Name, Klasse | lehrer: Name, E-Mail, Fach | patient_de: Name, Geburtsdatum, Telefon | mitarbeiter: Name, E-Mail, Telefon | lieferant: Name, E-Mail, Telefon | kurs: Titel, Datum | beitrag: Jahr, Betrag, bezahlt
abteilung: Name | gruppe: Name | raum: Name, Plätze | film_de: Titel, Jahr, Bewertung | kontakt: Name, E-Mail, Telefon | artikel: Name, Anzahl
client_fr: nom, e-mail, téléphone | membre: nom, e-mail, téléphone | livre: titre, auteur | tâche: titre, échéance, terminé | produit: nom, prix | commande: date, statut (nouvelle, payée, expédiée)
élève: nom, classe | rendez-vous: date et heure, remarques | événement: titre, date, lieu | recette: titre, ingrédients, préparation | facture: numéro, date, montant, payé | cours: titre, date
cliente: nombre, correo, teléfono | socio: nombre, correo, teléfono | libro: título, autor | tarea: título, fecha límite, hecho | producto: nombre, precio | pedido: fecha, estado (nuevo, pagado, enviado)
alumno: nombre, clase | cita: fecha y hora, notas | evento: título, fecha, lugar | receta: título, ingredientes, preparación | factura: número, fecha, importe, pagado | curso: título, fecha | paciente: nombre, fecha de nacimiento, teléfono`;

const table = new Map(
  lines
    .trim()
    .split(/\s*[|\n]\s*/)
    .map((line): [string, string[]] => {
      const [name = '', fields = ''] = line.split(': ');
      return [name, fields.split(/,\s*(?![^()]*\))/)];
    }),
);

/** Phrases for the fields of a thing, or nothing when it is not known. @param language two letters, for words that languages share */
export const usualFieldsOf = (name: string, language: string): string[] | undefined =>
  table.get(`${name.toLowerCase()}_${language}`) ?? table.get(name.toLowerCase());

/** What one and the rest of something unknown is called, in the language of the app. */
export const plainFields: Record<string, string[]> = {
  en: ['name', 'notes'],
  de: ['Name', 'Notizen'],
  fr: ['nom', 'remarques'],
  es: ['nombre', 'notas'],
};
