/** `add 10 sample rows to books`: done by a tool where there is one. */
import type { Spec } from '../../../../../../contract/spec.ts';
import type { Context } from '../outcome.ts';
import { mentionedEntity } from './mentions.ts';

export const NO_SAMPLES =
  'I cannot fill in rows yet, only say what the app keeps. In the preview “New” adds a row by hand; what you add in the draft stays there.';
const wish =
  /^(?:please |can you |could you )*(?:add|create|make|insert|put in|fill in|generate|give me|show me|i want|i need)\s+(?:me )?(?:in )?(?:some |a few |a couple of |(\d{1,3}) )?(?:more )?(?:sample|example|test|demo|dummy|fake|made[- ]up)(?: rows?| data| entries| records?| (?:[\p{L}-]+))?s?\b(.*)$/iu;

const elsewhere = [
  /^(?:bitte )?(?:(\d{1,3}) )?(?:beispiel|muster|test|demo)-?(?:daten(?:sätze)?|zeilen|einträge|werte)\b.*\b(?:hinzufügen|erstellen|erzeugen|anlegen|eintragen|einfügen)[.!]*$/iu,
  /^(?:bitte )?(?:füge?|erstelle?|erzeuge?|mach(?:e)?|gib|fülle?|leg(?:e)?|ich (?:will|möchte|brauche))\b(?:(?!\bfeld\b|\bspalte\b|\bliste\b).)*?\b(?:(\d{1,3}) )?(?:beispiel|muster|test|demo)-?(?:daten(?:sätze)?|zeilen|einträge|werte|[\p{L}]*)\b/iu,
  /^(?:ajoute[rz]?|crée[rz]?|génère|mets|remplis|je veux|donne)\b(?:(?!\bchamp\b|\bcolonne\b|\bliste\b).)*?\b(?:(\d{1,3}) )?(?:lignes? |données |entrées? |\p{L}+ )?(?:d[’'])?(?:exemples?|de test|fictive?s?)\b/iu,
  /^(?:añad[ei]r?|agregar?|crear?|generar?|pon|quiero|dame)\b(?:(?!\bcampo\b|\bcolumna\b|\blista\b).)*?(?:(\d{1,3}) )?(?:filas |datos |registros |\p{L}+ )?(?:de ejemplo|ejemplos|de prueba|ficticios)\b/iu,
];

/** @returns how many rows for which list, or nothing when the message asks for something else */
export function samplesWanted(message: string, spec: Spec | null): { entity?: string; count: number } | undefined {
  const text = message.trim();
  const match = text.match(wish) ?? elsewhere.map((pattern) => text.match(pattern)).find((found) => found !== null);
  if (!match || /\b(?:field|column|list of|page)\b/i.test(message)) return undefined;
  const context: Context | undefined = spec ? { spec, answers: [], language: spec.language ?? 'en' } : undefined;
  const entity = context && mentionedEntity(context, message);
  return { ...(entity && { entity: entity.plural }), count: Math.min(Math.max(Number(match[1] ?? 8), 1), 100) };
}
