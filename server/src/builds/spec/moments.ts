/**
 * What a day that a field keeps is about, from what people call it in the four languages of apps: a birthday, something that lies behind,
 * or something that is planned. A wrong guess shows or leaves out a card of the start page, or gives an example an odd day.
 */
import type { Entity, Field } from '../../../../contract/spec.ts';

type Named = Pick<Field, 'name'>;
type Of = Pick<Entity, 'name'>;

const BIRTH = /birth|\bborn\b|\bdob\b|geburt|naissance|\bné(?:e)? le\b|nacimiento|cumpleaños|^anniversaire$/i;
const BEHIND =
  /^last\b|\b(?:since|founded|bought|purchased?|joined|hired|acquired|received|paid|sold|returned|finished|completed|closed|created|added|made|taken|planted|watered|sown|harvested|reported|checked in|invoiced|issued|registered|published|released|watched|seen|spent|entry|joining|enrol?led)\b|^(?:letzte[rsn]?|dernière?|últim[oa])(?![\p{L}])|(?:kauf|beitritts?|eintritts?|rechnungs|bezahl|anschaffungs|gründungs|erhalts?)datum|^(?:seit|eintritt|gekauft|bezahlt|erhalten|gegossen|gemeldet)|(?:achat|adhésion|facturation|inscription)$|d[’']achat|de compra|de alta|^desde$|^depuis$/iu;
const AHEAD =
  /(?<!\p{L})(?:due|until|till|deadline|next|start|starts|begin|begins|end|ends|appointment|event|planned|delivery|expir\w*|follow|fällig\w*|frist|bis|termin|nächst\w*|beginn|ende|liefer\w*|ablauf\w*|échéance|limite|prochain\w*|début|fin|livraison|venc\w*|plazo|próxim\w*|inicio|entrega|when|wann)(?!\p{L})|(?:termin|frist|liefer|ablauf)(?:datum|tag)?$|\bdate of the\b/iu;
/** Lists whose plain date tells when something was, and those that are about people’s birthdays. */
const RECORDS =
  /(?:^|\s)(?:expenses?|invoices?|payments?|donations?|sales?|purchases?|receipts?|problems?|issues?|bugs?|faults?|complaints?|incidents?|grades?|marks?|results?|measurements?|readings?|runs?|workouts?|logs?|entry|entries|notes?|comments?|reviews?|sightings?|conversations?|transactions?|loans?|incomes?|costs?|ausgabe|ausleihe|rechnung|zahlung|spende|verkauf|einkauf|quittung|problem|fehler|beschwerde|note|ergebnis|messung|eintrag|notiz|kommentar|bewertung|dépense|prêt|facture|paiement|don|vente|achat|reçu|problème|panne|remarque|résultat|gasto|préstamo|factura|pago|donación|venta|compra|recibo|problema|avería|nota|resultado|comentario)$/i;
const BIRTHDAYS = /birthday|geburtstag|^anniversaire|cumpleaños/i;
const PLAIN =
  /^(?:date|day|on|datum|tag|am|jour|fecha|día|date and time|datum und uhrzeit|date et heure|fecha y hora)$/i;

/** A day of birth, or that day of each year. */
export const isBirthday = (field: Named, entity: Of): boolean =>
  BIRTH.test(field.name) || (BIRTHDAYS.test(entity.name) && PLAIN.test(field.name));

/** By its name alone: a deadline, a delivery, the next visit. */
export const isAhead = (field: Named): boolean => AHEAD.test(field.name) && !BEHIND.test(field.name);

/** A day that is never to come: of birth, of a purchase, of what was noted down. */
export const isBehind = (field: Named, entity: Of): boolean =>
  isBirthday(field, entity) || BEHIND.test(field.name) || (PLAIN.test(field.name) && RECORDS.test(entity.name));
