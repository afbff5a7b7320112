/** Sentences that say how two lists are related: `each order belongs to a customer`, `students can join several courses`. */
import type { DraftRelation, Said } from './draft.ts';

const NP = "([\\p{L}\\p{N}’'-]+(?: (?!and |with |has |have |belongs? |can |may |is |are )[\\p{L}\\p{N}’'-]+){0,2})";
const the = '(?:(?:the|an?|each|every|all|my|our|any|exactly|one|only|single|its|their)\\s+)*';
const several =
  '(?:several|many|multiple|various|different|some|lots of|one or more|one or several|0 or more|zero or more|any number of|more than one|at least one|a number of|a few)';
const sentence = (pattern: string) => new RegExp(`^${the}${pattern}[.!]?$`, 'iu');

/** Lists that share their rows: what several others have, while each of them has several others. */
const shared =
  /^(?:authors?|tags?|categor(?:y|ies)|genres?|actors?|participants?|attendees?|skills?|labels?|students?|members?|players?|teachers?|artists?|allergens?|keywords?|autoren|autor|kategorien?|teilnehmer|schlagw[oö]rter?|auteurs?|catégories?|participants|autores|etiquetas|categorías?|étiquettes)$/i;

const one = sentence(
  `${NP} (?:also )?(?:always )?(?:(?:can |must |should )?(?:belongs? to|is part of|are part of|be part of|is in|are in|lies? in|works? (?:at|for|in)|lives? (?:in|at)|sits? in|stays? in|stands? in|is assigned to|are assigned to|is linked to|are linked to|links? to|points? to|refers? to|relates? to|is for|are for|comes? from|is owned by|are owned by|is written by|is taught by|are taught by|is led by|is run by|is given by|is made by|has exactly one|have exactly one|is rented by|is from))\\s+${the}${NP}`,
);
const join = sentence(
  `${NP} (?:can |may |could )?(?:can |may |could |join|joins|attend|attends|take|takes|visit|visits|participate in|take part in|sign up for|enrol in|enroll in|belong to|belongs to|be in|are in|be part of|play in|plays in|come to|comes to|go to|work on|works on)\\s*(?:to |in |on )?(?:join |attend |take |be in |belong to |visit |participate in |take part in |sign up for |play in |work on |come to )?${several} ${NP}`,
);
const has = sentence(
  `${NP} (?:(can|may|could) )?(?:has|have|contains?|consists? of|includes?|owns?|own|gets?)\\s+${several} ${NP}(.*)`,
);
const whichWhich = /^(?:.{0,40}?\b)?which ([\p{L}-]+) \p{L}+(?: \p{L}+){0,2} which ([\p{L}-]+)[.!]?$/iu;
const makes = sentence(
  `${NP} (?:place|places|make|makes|send|sends|bring|brings|own|owns|write|writes|submit|submits|teach|teaches|lead|leads|run|runs|organise|organize|publish|publishes|issue|issues|host|hosts|give|gives|deliver|delivers|supply|supplies|provide|provides|produce|produces)\\s+${the}(?:${several} )?${NP}(?:,.*)?`,
);
const both = sentence(
  `${NP} (?:and|with) ${NP} (?:are |is )?(?:linked|related|connected|tied together|many[ -]to[ -]many|belong together)`,
);
const andBack =
  /^(.+?),?\s+and (?:(?:the other way (?:a)?round|vice versa)|(?:an?|each|every|the|one) [\p{L}-]+ (?:(?:can|may) )?(?:(?:has|have|belong to|be in) )?(?:several|many|multiple) [\p{L}-]+)[.!]?$/iu;

const relation = (from: string, to: string, kind: 'one' | 'many'): Said => ({
  entities: [],
  relations: [{ from, to, kind }],
});

/** @param isThing whether a word can be the name of a list; keeps `it is in the shed` from becoming one */
export function readRelation(clause: string, isThing: (words: string) => boolean): Said | undefined {
  const back = clause.match(andBack);
  const said = (back?.[1] ?? clause).trim();
  const which = said.match(whichWhich);
  if (which) return relation(which[1]!, which[2]!, 'many');
  const tied = said.match(both);
  if (tied && isThing(tied[1]!) && isThing(tied[2]!)) return relation(tied[1]!, tied[2]!, 'many');
  const joined = said.match(join);
  if (joined && isThing(joined[1]!)) return relation(joined[1]!, joined[2]!, 'many');
  const owned = said.match(has);
  if (owned && isThing(owned[1]!)) {
    const [, owner = '', , thing = '', rest = ''] = owned;
    // what follows are fields of it: whoever reads the clause takes them up
    if (rest.trim()) return undefined;
    if (back || shared.test(thing)) return relation(owner, thing, 'many');
    return relation(thing, owner, 'one');
  }
  const belongs = said.match(one);
  if (belongs && isThing(belongs[1]!) && isThing(belongs[2]!))
    return relation(belongs[1]!, belongs[2]!, back ? 'many' : 'one');
  const made = said.match(makes);
  if (made && isThing(made[1]!) && isThing(made[2]!)) return relation(made[2]!, made[1]!, 'one');
  return undefined;
}

/** What belongs to what when both are there and nobody said so: told as an assumption. */
const usual: [RegExp, RegExp, part?: boolean][] = [
  [
    /^(?:order|invoice|purchase|sale|delivery|repair|quote|job|project|contract|auftrag|bestellung|rechnung|commande|facture|pedido|factura)$/i,
    /^(?:customer|client|kunde|cliente)$/i,
  ],
  [
    /^(?:order line|order item|line item|line|position|ligne|línea)$/i,
    /^(?:order|invoice|auftrag|bestellung|rechnung|commande|facture|pedido|factura)$/i,
    true,
  ],
  [/^(?:ingredient|zutat|ingrédient|ingrediente|step)$/i, /^(?:recipe|rezept|recette|receta)$/i, true],
  [
    /^(?:appointment|visit|treatment|session|prescription|termin|behandlung|besuch|rendez-vous|cita|visita)$/i,
    /^(?:patient|animal|pet|client|tier|paciente|mascota|customer|kunde)$/i,
  ],
  [
    /^(?:loan|ausleihe|prêt|préstamo)$/i,
    /^(?:book|member|reader|pupil|student|item|buch|leser|schüler|livre|lecteur|libro|lector)$/i,
  ],
  [/^(?:result|grade|mark|note|ergebnis)$/i, /^(?:exam|test|student|pupil|prüfung|schüler)$/i],
  [/^(?:payment|zahlung|paiement|pago)$/i, /^(?:member|invoice|customer|mitglied|rechnung|membre|socio)$/i],
  [/^(?:task|milestone|aufgabe|tâche|tarea)$/i, /^(?:project|projekt|projet|proyecto)$/i],
  [
    /^(?:booking|reservation|buchung|réservation|reserva)$/i,
    /^(?:room|court|guest|customer|raum|zimmer|platz|chambre|salle|sala)$/i,
  ],
  [/^(?:comment|kommentar|commentaire|comentario)$/i, /^(?:post|task|article|beitrag|artikel)$/i],
  [/^(?:album)$/i, /^(?:band|artist)$/i],
  [/^(?:song|track)$/i, /^(?:album)$/i],
];

/** Relations that nearly always hold between lists of these names. */
export function usualRelations(
  names: string[],
  known: DraftRelation[],
  same: (a: string, b: string) => boolean,
): DraftRelation[] {
  return usual.flatMap(([child, parent, part]) =>
    names
      .filter((name) => child.test(name))
      .flatMap((from) =>
        names
          .filter((to) => to !== from && parent.test(to))
          .filter(
            (to) =>
              !known.some(
                (one) => (same(one.from, from) && same(one.to, to)) || (same(one.from, to) && same(one.to, from)),
              ),
          )
          .map((to): DraftRelation => ({ from, to, kind: 'one', ...(part && { part }) })),
      ),
  );
}
