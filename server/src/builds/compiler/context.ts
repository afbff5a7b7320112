/** What every part of the compiler asks about the spec as a whole: its language, and who points at whom. */
import type { AppLanguage, Entity, Field, Spec } from '../../../../contract/spec.ts';
import { words as de } from '../../../../templates/words/de.ts';
import { words as en, type Words } from '../../../../templates/words/en.ts';
import { words as es } from '../../../../templates/words/es.ts';
import { words as fr } from '../../../../templates/words/fr.ts';

export interface Context {
  spec: Spec;
  language: AppLanguage;
  /** the same words that the app itself has */
  words: Words;
  /** @throws when there is none: a valid spec names only what is there */
  entity(id: string): Entity;
  /** the fields of all entities that point at this one */
  pointersTo(entity: Entity): Pointer[];
}

export interface Pointer {
  entity: Entity;
  field: Field;
}

const languages: Record<AppLanguage, Words> = { en, de, fr, es };

export function contextOf(spec: Spec): Context {
  const language = spec.language ?? 'en';
  return {
    spec,
    language,
    words: languages[language],
    entity: (id) => {
      const found = spec.entities.find((entity) => entity.id === id);
      if (!found) throw new Error(`The spec has no entity ${id}.`);
      return found;
    },
    pointersTo: (target) =>
      spec.entities.flatMap((entity) =>
        entity.fields.filter((field) => field.target === target.id).map((field) => ({ entity, field })),
      ),
  };
}
