/** Sentences about what people do: `members book courts for a date and a time` is a list of bookings between the two. */
import type { NewField } from '../../../../../../contract/spec-operations.ts';
import { readFields } from '../field-phrase.ts';
import { items } from '../split.ts';
import type { Said } from './draft.ts';

/** The verb, what one of it is called, and a field that it always has. */
const events: [string, string, string?][] = [
  ['book|books|can book|may book', 'Booking', 'date'],
  ['reserve|reserves|can reserve', 'Reservation', 'date'],
  ['rent|rents|can rent|hire', 'Rental', 'date'],
  ['borrow|borrows|can borrow|lend|check out', 'Loan', 'date'],
  ['rate|rates|can rate', 'Rating', 'rating'],
  ['review|reviews|can review', 'Review', 'rating'],
  ['buy|buys|purchase', 'Purchase', 'date'],
  ['visit|visits', 'Visit', 'date'],
  ['sign up for|register for|apply for', 'Registration', 'date'],
  [
    '(?:log|record|enter|book|track|report|write down) (?:their )?(?:hours|time) (?:on|for|against)',
    'Time entry',
    'date',
  ],
  ['buchen', 'Buchung', 'Datum'],
  ['reservieren', 'Reservierung', 'Datum'],
  ['leihen|mieten', 'Ausleihe', 'Datum'],
  ['bewerten', 'Bewertung', 'Bewertung'],
  ['réservent', 'Réservation', 'date'],
  ['empruntent', 'Emprunt', 'date'],
  ['reservan', 'Reserva', 'fecha'],
  ['alquilan', 'Alquiler', 'fecha'],
];
const noun = '((?!(?:of|to|per|for)\\b)[\\p{L}-]+(?: (?!(?:of|to|per|for|with|on|at|from|by)\\b)[\\p{L}-]+)?)';
const the = '(?:(?:the|an?|each|every|all|my|our|several|any|different)\\s+)*';

/** @returns the list between doer and thing, with a relation to both */
export function readEvent(clause: string): Said | undefined {
  for (const [verb, name, usual] of events) {
    const match = clause.match(
      new RegExp(
        `^${the}${noun} (?:${verb}) ${the}${noun}(?:\\s*(:|,(?! (?:with|for|at|from|on|by) )|,? (?:with|for|at|from|on|by)(?= ))\\s*(.+?))?[.!]?$`,
        'iu',
      ),
    );
    if (!match) continue;
    const [, doer = '', thing = '', connector = '', rest = ''] = match;
    const ranged =
      /^\d/.test(rest) || /^(?:from|by|on)$/.test(connector.trim()) ? `${usual} ${connector.trim()} ${rest}` : rest;
    const fields: NewField[] = ranged ? readFields(items(ranged)) : readFields([usual ?? 'date']);
    return {
      entities: [{ name, fields: fields.length > 0 ? fields : readFields([usual ?? 'date']) }],
      relations: [
        { from: name, to: doer, kind: 'one' },
        { from: name, to: thing, kind: 'one' },
      ],
    };
  }
  return undefined;
}
