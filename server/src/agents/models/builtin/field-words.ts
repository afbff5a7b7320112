/**
 * What a field's name says about its type, in four languages at once: a word that two languages share means the same in both, or stands
 * where it is commoner. The last words of a name count (`date of birth` and `fecha de alta` are caught by their first).
 */
import type { FieldType } from '../../../../../contract/spec.ts';

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s*,\s*/));

export const fieldWords: [FieldType, ReadonlySet<string>][] = [
  [
    'datetime',
    set(`date and time, datetime, date time, timestamp, appointment time, starts at, ends at, start date and time, end date and time,
      datum und uhrzeit, datum und zeit, tag und uhrzeit, zeitpunkt, date et heure, jour et heure, fecha y hora, día y hora, dia y hora`),
  ],
  [
    'email',
    set(
      'email, e-mail, mail, email address, e-mail address, mail address, e-mail-adresse, mailadresse, emailadresse, courriel, adresse mail, adresse e-mail, correo, correo electrónico, emails',
    ),
  ],
  [
    'phone',
    set(`phone, telephone, mobile, cell, cell phone, mobile phone, phone number, telephone number, mobile number, fax, tel, whatsapp, landline, contact number,
      telefon, handy, telefonnummer, handynummer, mobilnummer, rufnummer, téléphone, portable, numéro de téléphone, teléfono, móvil, celular, número de teléfono`),
  ],
  [
    'url',
    set(
      'website, web site, url, web address, homepage, link, web page, webseite, internetseite, site web, lien, página web, sitio web, enlace',
    ),
  ],
  [
    'image',
    set(
      `photo, picture, image, photograph, cover picture, cover image, cover photo, logo, avatar, foto, bild, coverbild, titelbild, fotografie, photographie, imagen, fotografía, portrait`,
    ),
  ],
  [
    'file',
    set(
      'file, attachment, document, pdf, upload, scan, certificate file, datei, anhang, dokument, fichier, pièce jointe, archivo, adjunto, cv, contract file',
    ),
  ],
  [
    'time',
    set(
      'start time, end time, opening time, closing time, arrival time, departure time, pickup time, time of day, kick-off, kickoff, from time, to time, meeting time, uhrzeit, startzeit, endzeit, beginn, ende, heure, heure de début, heure de fin, hora, hora de inicio, hora de fin',
    ),
  ],
  [
    'duration',
    set(
      'duration, prep time, cook time, cooking time, preparation time, playing time, running time, runtime, total time, baking time, waiting time, length of stay, time spent, finishing time, finish time, lap time, race time, dauer, spieldauer, kochzeit, backzeit, zubereitungszeit, arbeitszeit, laufzeit, durée, temps de préparation, temps de cuisson, duración, tiempo de preparación',
    ),
  ],
  [
    'percent',
    set(
      'percent, percentage, discount, tax rate, vat, vat rate, interest rate, commission, completion, progress, share in percent, rabatt, prozent, mehrwertsteuer, mwst, steuersatz, remise, tva, pourcentage, descuento, porcentaje, iva',
    ),
  ],
  [
    'longtext',
    set(`notes, note, description, comments, comment, details, summary, instructions, ingredients, body, content, review, remarks, remark, message, story, bio, biography,
      method, steps, thoughts, lyrics, abstract, agenda, minutes of meeting, feedback, observations, text, reason, reasons, directions, preparation, exercises,
      diagnosis, findings, symptoms, decisions, topics, problem, fault, allergies, medical history, programme, program, lesson plan, feedback text, what happened,
      beschreibung, notizen, notiz, bemerkung, bemerkungen, kommentar, kommentare, zutaten, zubereitung, inhalt, anleitung, befund, diagnose, allergien, anmerkung, anmerkungen,
      remarque, remarques, commentaire, commentaires, ingrédients, contenu, préparation, observations, notas, descripción, comentario, comentarios, ingredientes, observaciones, preparación, diagnóstico, alergias, diagnostic, allergies`),
  ],
  [
    'date',
    set(`date, day, birthday, birthdate, deadline, due, due date, born, date of birth, since, until, watered, start, end, started, ended, finished on, expiry, expires, expiration, last seen,
      planted, joined, released, hired, when, last watered, last visit, valid until, best before, warranty until, dob, last service, next service, sown, harvested, checked in, checked out,
      datum, tag, geburtstag, geburtsdatum, fällig, frist, seit, bis, termin, anfang, fälligkeit, eintritt, austritt, ablaufdatum, haltbar bis, gegossen, échéance, anniversaire, naissance, jour, date limite,
      fecha, día, cumpleaños, nacimiento, vencimiento, plazo, date de naissance, fecha de nacimiento, fecha de alta`),
  ],
  [
    'boolean',
    set(`done, paid, completed, complete, active, archived, available, favourite, favorite, published, confirmed, approved, vegetarian, vegan, owned, lent, returned, sold, indoors, outdoors,
      bought, delivered, in stock, on loan, cancelled, canceled, resolved, closed, urgent, public, private, member, enabled, attended, visited, watched, checked, finished, handed in, signed,
      shipped, invoiced, vaccinated, present, absent, excused, insured, member yet, newsletter, gluten free, lactose free, billable, sent, read, packed, invited, accepted, lost, damaged, reserved,
      bezahlt, erledigt, fertig, aktiv, verfügbar, abgegeben, geliefert, verkauft, zurückgegeben, gelesen, anwesend, bestätigt, geimpft, vegetarisch, erledigt ja, payé, payée, terminé, terminée, actif, active, livré, vendu, lu, rendu, présent, confirmé,
      pagado, pagada, hecho, activo, activa, terminado, entregado, vendido, leído, devuelto, confirmado, disponible`),
  ],
  [
    'money',
    set(`price, cost, costs, fee, fees, budget, salary, wage, wages, rent, amount due, amount paid, total, balance, income, revenue, price paid, deposit, spent, expenses, paid amount, net, gross, unit price, purchase price, selling price, sale price, estimate, turnover,
      donation, contribution, subscription fee, membership fee, dues, bonus, tax, hourly rate, rate per hour, payment, invoice amount, price per unit, deal value, value, profit, cash,
      preis, kosten, gebühr, beitrag, betrag, gehalt, lohn, miete, summe, gesamt, einkaufspreis, verkaufspreis, einnahmen, ausgaben, spende, umsatz, kaution, anzahlung, rechnungsbetrag,
      prix, coût, frais, montant, cotisation, loyer, salaire, total, solde, dépense, tarif, précio, precio, coste, costo, cuota, importe, sueldo, alquiler, presupuesto, saldo, tarifa, gasto`),
  ],
  [
    'rating',
    set(
      'rating, ratings, stars, star rating, my rating, bewertung, sterne, évaluation, étoiles, puntuación, estrellas, valoración',
    ),
  ],
  [
    'integer',
    set(`pages, quantity, qty, count, stock, age, year, servings, minutes, seats, points, copies, portions, calories, rank, score, reps, sets, people, guests, capacity,
      episodes, episode, season, tickets, votes, goals, likes, number of people, floor, bedrooms, bathrooms, vintage, minimum stock, in stock now, bottles, bottles left, players, min players, max players, number seen, how many, headcount,
      participants count, attendees count, visitors, items left, assists, laps, rounds, mileage, systolic, diastolic, pulse, heart rate, steps walked, shirt number, places, spots, eggs, rating number, elo, children, adults,
      seiten, anzahl, menge, bestand, alter, jahr, portionen, punkte, plätze, tore, personen, stück, stückzahl, mindestbestand, jahrgang, erscheinungsjahr, baujahr,
      pages lues, quantité, âge, année, places assises, portions, buts, stock minimum, páginas, cantidad, existencias, edad, año, raciones, puntos, plazas, goles, número de personas`),
  ],
  [
    'number',
    set(`amount, weight, height, length, width, depth, temperature, hours, distance, latitude, longitude, rate, area, volume, size in cm, sum, km, kilometres, kilometers, miles, speed, pace, ph, litres, liters, blood sugar, elevation, kilos, consumption,
      gewicht, größe in cm, höhe, länge, breite, tiefe, temperatur, stunden, entfernung, strecke, fläche, poids, taille en cm, hauteur, longueur, largeur, température, heures, distance, surface, peso, altura, longitud, anchura, temperatura, horas, distancia, superficie`),
  ],
];

/** German puts its nouns together: the end of the word counts. */
export const compoundEnds: [FieldType, RegExp][] = [
  ['phone', /(?:telefon|handy|mobil|ruf)nummer$/],
  ['email', /mail(?:adresse)?$/],
  ['date', /(?:datum|termin)$/],
  ['money', /(?:preis|kosten|betrag|gebühr|beitrag|lohn|gehalt|miete)$/],
  ['image', /(?:foto|bild)$/],
  ['integer', /(?:anzahl|menge|bestand|jahr)$/],
  ['duration', /(?:dauer)$/],
  ['time', /(?:uhrzeit)$/],
  ['longtext', /(?:beschreibung|notizen|bemerkung)$/],
];

/** Choices that a name brings along when nothing else is said; one list per language. */
const table = (lines: Record<string, string>): Record<string, string[]> =>
  Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(lines).map(([name, list]) => [name, list.split('|')])),
  );
export const knownChoices = table({
  priority: 'Low|Medium|High',
  status: 'Open|In progress|Done',
  difficulty: 'Easy|Medium|Hard',
  priorität: 'Niedrig|Mittel|Hoch',
  schwierigkeit: 'Leicht|Mittel|Schwer',
  priorité: 'Basse|Moyenne|Haute',
  statut: 'Ouvert|En cours|Terminé',
  prioridad: 'Baja|Media|Alta',
  estado: 'Abierto|En curso|Hecho',
});
/** Words that choices like to follow: `status new, paid, shipped`. */
export const choiceWords = set(
  `status, state, stage, priority, type, kind, category, condition, result, level, size, colour, color, role, position, voice, difficulty, section, diet, phase, mood, tag, tags, genre,
  stand, art, kategorie, zustand, priorität, größe, stufe, rolle, statut, état, catégorie, taille, niveau, priorité, estado, categoría, talla, tipo, nivel, prioridad`,
);
