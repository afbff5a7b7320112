/** Which days can still come, in the four languages of apps. */
import { describe, expect, it } from 'vitest';
import { isAhead, isBehind, isBirthday } from './moments.ts';

describe('what a day is about', () => {
  it.each([
    ['Birthday', 'Member'],
    ['Date of birth', 'Patient'],
    ['Date', 'Birthday'],
    ['Geburtsdatum', 'Schüler'],
    ['Date de naissance', 'Élève'],
    ['Fecha de nacimiento', 'Paciente'],
  ])('%s of %s: of birth, and never to come', (name, entity) => {
    expect([isBirthday({ name }, { name: entity }), isBehind({ name }, { name: entity })]).toEqual([true, true]);
  });

  it.each([
    ['Bought on', 'Bike'],
    ['Date', 'Expense'],
    ['Datum', 'Rechnung'],
    ['Kaufdatum', 'Gerät'],
    ['Date d’achat', 'Vélo'],
    ['Fecha de compra', 'Bici'],
    ['Last watered', 'Plant'],
    ['Member since', 'Member'],
  ])('%s of %s lies behind', (name, entity) => {
    expect([isBirthday({ name }, { name: entity }), isBehind({ name }, { name: entity })]).toEqual([false, true]);
  });

  it.each([
    ['Due date', 'Invoice'],
    ['Date', 'Concert'],
    ['Termin', 'Auftrag'],
    ['Date limite', 'Tâche'],
    ['Start date', 'Course'],
    ['Next service', 'Bike'],
    ['Fecha', 'Cita'],
  ])('%s of %s may come', (name, entity) => {
    expect(isBehind({ name }, { name: entity })).toBe(false);
  });

  it('knows a deadline by its name', () => {
    expect(
      ['Due date', 'Fällig am', 'Échéance', 'Próxima visita', 'Date', 'Ended'].map((name) => isAhead({ name })),
    ).toEqual([true, true, true, true, false, false]);
  });
});
