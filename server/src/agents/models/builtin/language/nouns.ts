/** Nouns whose plural no rule gives, or which a rule would get wrong: one/many. */
const pairs = {
  de: `kunde/kunden buch/bücher auftrag/aufträge mitglied/mitglieder kurs/kurse termin/termine rechnung/rechnungen verein/vereine schüler/schüler
    lehrer/lehrer kind/kinder gast/gäste raum/räume haus/häuser gerät/geräte fahrzeug/fahrzeuge auto/autos rad/räder fahrrad/fahrräder produkt/produkte artikel/artikel
    bestellung/bestellungen position/positionen lieferant/lieferanten ausleihe/ausleihen leser/leser autor/autoren verlag/verlage film/filme lied/lieder
    rezept/rezepte zutat/zutaten pflanze/pflanzen tier/tiere hund/hunde katze/katzen patient/patienten arzt/ärzte behandlung/behandlungen aufgabe/aufgaben
    projekt/projekte mitarbeiter/mitarbeiter firma/firmen kontakt/kontakte angebot/angebote zahlung/zahlungen beitrag/beiträge spiel/spiele spieler/spieler
    mannschaft/mannschaften turnier/turniere platz/plätze buchung/buchungen konzert/konzerte sänger/sänger veranstaltung/veranstaltungen eintrag/einträge
    notiz/notizen person/personen frau/frauen mann/männer freund/freunde wein/weine reise/reisen ausgabe/ausgaben vertrag/verträge klasse/klassen fach/fächer
    note/noten prüfung/prüfungen abteilung/abteilungen team/teams gruppe/gruppen helfer/helfer schicht/schichten dienst/dienste werkzeug/werkzeuge
    wohnung/wohnungen mieter/mieter schaden/schäden ticket/tickets idee/ideen ziel/ziele übung/übungen training/trainings fahrt/fahrten besuch/besuche
    student/studenten dozent/dozenten teilnehmer/teilnehmer anmeldung/anmeldungen dokument/dokumente ordner/ordner foto/fotos bild/bilder kategorie/kategorien
    bewertung/bewertungen titel/titel name/namen preis/preise datum/daten ort/orte besitzer/besitzer eigentümer/eigentümer betreuer/betreuer elternteil/eltern
    spende/spenden spender/spender instrument/instrumente stunde/stunden lager/lager reparatur/reparaturen filiale/filialen ware/waren größe/größen`,
  fr: `cours/cours rendez-vous/rendez-vous repas/repas prix/prix fois/fois souris/souris animal/animaux cheval/chevaux journal/journaux travail/travaux œil/yeux
    gâteau/gâteaux bureau/bureaux tableau/tableaux lieu/lieux jeu/jeux bijou/bijoux propriétaire/propriétaires devis/devis avis/avis tapis/tapis fils/fils pays/pays
    mois/mois corps/corps bus/bus temps/temps colis/colis`,
  es: `lunes/lunes crisis/crisis socio/socios autor/autores profesor/profesores lápiz/lápices pez/peces vez/veces mes/meses país/países flor/flores autobús/autobuses
    examen/exámenes orden/órdenes joven/jóvenes interés/intereses cliente/clientes clase/clases coche/coches viaje/viajes`,
};

const read = (text: string) => {
  const list = text.split(/\s+/).map((pair) => pair.split('/') as [string, string]);
  return { many: new Map(list), one: new Map(list.map(([one, many]) => [many, one])) };
};

/** `many`: from one to many; `one`: from many to one. */
export const nouns = { de: read(pairs.de), fr: read(pairs.fr), es: read(pairs.es) };
