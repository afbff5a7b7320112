/**
 * What a text field is likely to hold, from what people call it in the four languages of apps. Only for rows that are examples: a wrong
 * guess shows an odd example, nothing else.
 */
export type Meaning =
  | 'person'
  | 'first-name'
  | 'last-name'
  | 'company'
  | 'product'
  | 'book'
  | 'author'
  | 'song'
  | 'artist'
  | 'pet'
  | 'dish'
  | 'ingredient'
  | 'city'
  | 'country'
  | 'street'
  | 'postcode'
  | 'address'
  | 'colour'
  | 'vehicle'
  | 'car-make'
  | 'car-model'
  | 'bike'
  | 'bike-make'
  | 'problem'
  | 'number-plate'
  | 'job'
  | 'code'
  | 'genre'
  | 'animal'
  | 'department'
  | 'event'
  | 'note';

const MEANINGS: [Meaning, RegExp][] = [
  ['first-name', /\b(first ?name|given name|vorname|prenom|nombre de pila)\b/],
  ['last-name', /\b(last ?name|surname|family name|nachname|nom de famille|apellidos?)\b/],
  [
    'problem',
    /\b(problems?|faults?|defects?|issues?|bugs?|complaints?|damages?|incidents?|what (is |s )?(wrong|broken)|probleme?|fehler|schaden|schaeden|mangel|storung(en)?|beschwerden?|pannes?|defauts?|problemes?|averias?|problemas?|incidencias?|fallos?)\b/,
  ],
  [
    'note',
    /(notes?|notizen?|bemerkung(en)?|kommentare?|comments?|remarks?|description|beschreibung|commentaires?|remarques?|notas?|comentarios?|descripcion|details?|text|body|content|inhalt|answer|message|summary|observaci|reason|grund|symptom|diagnos|feedback|instructions?|anleitung)\b/,
  ],
  ['author', /\b(authors?|autor(in)?|auteurs?|writers?)\b/],
  ['artist', /\b(artists?|bands?|composers?|komponist|artiste|kunstler(in)?|singer|interpret)\b/],
  ['genre', /\b(genres?|gattung|genero)\b/],
  ['postcode', /\b(post ?codes?|zip|postal code|plz|postleitzahl|code postal|codigo postal)\b/],
  ['street', /\b(street|strasse|rue|calle)\b/],
  ['city', /\b(city|town|stadt|ort|ville|ciudad|lugar|location|place)\b/],
  ['country', /\b(country|land|pays|pais)\b/],
  ['address', /\b(address|adresse|anschrift|direccion)\b/],
  ['number-plate', /\b(licen[cs]e plate|number plate|plate|kennzeichen|immatriculation|matricula)\b/],
  ['code', /\b(sku|code|serial|barcode|isbn|reference|invoice number|order number|nummer|numero|no|nr|number|id)\b/],
  ['colour', /\b(colou?rs?|farbe|couleur)\b/],
  ['job', /\b(job|role|position|profession|beruf|title at work|occupation|metier|puesto|cargo)\b/],
  ['department', /\b(department|abteilung|departement|departamento|team)\b/],
  [
    'company',
    /\b(company|firma|unternehmen|entreprise|societe|empresa|suppliers?|lieferant(en|in)?|fournisseurs?|proveedor(es)?|vendor|manufacturer|hersteller|brand|marke|publisher|verlag|organi[sz]ations?|organisation|leads?|accounts?|partners?|sponsors?)\b/,
  ],
  ['book', /\b(books?|buch|bucher|livres?|libros?)\b/],
  ['song', /\b(songs?|albums?|records?|lied(er)?|tracks?|chansons?|canciones|titres?)\b/],
  [
    'pet',
    /\b(pets?|animals?|haustier(e)?|tiere?|animaux|animal|mascotas?|dogs?|cats?|horses?|hunde?|katzen?|pferde?)\b/,
  ],
  ['animal', /\b(species|breed|rasse|art|race|especie|raza)\b/],
  ['ingredient', /\b(ingredients?|zutat(en)?|ingredientes?)\b/],
  ['dish', /\b(recipes?|dish(es)?|meals?|rezepte?|gericht(e)?|recettes?|plats?|recetas?|platos?|food|menu)\b/],
  ['bike', /\b(e ?bikes?|bikes?|bicycles?|fahrrad|fahrrader|rad|rader|velos?|bicyclettes?|bicis?|bicicletas?)\b/],
  ['vehicle', /\b(vehicles?|cars?|vans?|fahrzeuge?|autos?|wagen|voitures?|vehicules?|coches?)\b/],
  [
    'product',
    /\b(products?|items?|articles?|artikel|produkte?|waren?|material(ien)?|parts?|ersatzteile?|equipment|gerate?|produits?|productos?|articulos?|tools?|werkzeuge?|assets?|goods|devices?)\b/,
  ],
  [
    'event',
    /\b(events?|courses?|kurse?|veranstaltung(en)?|classes|class|workshops?|cours|evenements?|eventos?|cursos?|lessons?|seminars?|meetings?|trips?)\b/,
  ],
  [
    'person',
    /\b(customers?|clients?|kund(e|en|in|innen)|members?|mitglied(er)?|students?|schuler(in|innen)?|pupils?|teachers?|lehrer(in|innen)?|patients?|patienten?|guests?|gaste?|employees?|mitarbeiter(in|innen)?|staff|people|persons?|person(en)?|contacts?|kontakte?|owners?|besitzer(in)?|players?|spieler(in)?|volunteers?|drivers?|fahrer(in)?|users?|participants?|teilnehmer(in|innen)?|parents?|eltern|children|kinder|doctors?|arzte?|trainers?|coach(es)?|membres?|eleves?|professeurs?|invites?|employes?|proprietaires?|personnes?|clientes?|miembros?|alumnos?|alumnas?|profesor(es)?|pacientes?|invitados?|empleados?|duenos?|personas?|socios?|adherents?|name|nom|nombre|assigned|responsible|contact|birthdays?|geburtstage?|anniversaires?|cumpleanos)\b/,
  ],
];

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

/** The label that names a row says little by itself: then the list that it is in says what it is a name of. */
const NAMES = /^(name|title|titel|titre|titulo|nom|nombre|bezeichnung|label|subject|betreff)$/;

/** Of a vehicle, make and model are those of vehicles. */
const MAKES = /^(make|brand|manufacturer|marke|hersteller|marque|fabricant|marca|fabricante)$/;
const MODELS = /^(model|modell|modele|modelo)$/;

/** @param label of the field; @param entity what one row is called, for a field that just says “name” */
export function meaningOf(label: string, entity: string): Meaning | undefined {
  const words = plain(label);
  const find = (text: string) => MEANINGS.find(([, pattern]) => pattern.test(text))?.[0];
  const of = find(plain(entity));
  if (MAKES.test(words) && (of === 'vehicle' || of === 'bike')) return of === 'bike' ? 'bike-make' : 'car-make';
  if (MODELS.test(words) && (of === 'vehicle' || of === 'bike')) return of === 'bike' ? 'bike' : 'car-model';
  if (!NAMES.test(words)) return find(words);
  return of === 'note' || of === 'code' ? undefined : of;
}
