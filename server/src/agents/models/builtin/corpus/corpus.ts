/** Sixty short descriptions as people type them, with what a good analyst makes of each. */
import type { Case } from './case.ts';
import { clinics } from './clinics.ts';
import { clubs } from './clubs.ts';
import { elsewhere } from './elsewhere.ts';
import { hobbies } from './hobbies.ts';
import { offices } from './offices.ts';
import { schools } from './schools.ts';
import { shops } from './shops.ts';

export const corpus: Case[] = [...clubs, ...shops, ...clinics, ...schools, ...hobbies, ...offices, ...elsewhere];
