/**
 * Finds which words mean another list: `orders with customer and date` beside `customers` is a relation, not a text. Lists that a
 * relation names and nobody described are added.
 */
import type { AppLanguage } from '../../../../../../contract/spec.ts';
import { comparable } from '../../../../builds/spec/references.ts';
import { singularIn } from '../language/number.ts';
import { sentenceCase } from '../split.ts';
import type { DraftEntity, DraftRelation } from './draft.ts';

/** Changes both lists in place: names in relations become names of entities, fields that mean a list go or become references. */
export function settleReferences(entities: DraftEntity[], relations: DraftRelation[], language: AppLanguage): void {
  const one = (name: string) => comparable(singularIn(name, language));
  const named = (phrase: string): DraftEntity | undefined => {
    const wanted = one(phrase);
    return (
      entities.find((entity) => comparable(entity.name) === wanted || comparable(entity.name) === comparable(phrase)) ??
      // `game` for a board game, when only one list ends like that
      only(entities.filter((entity) => entity.name.includes(' ') && one(entity.name.split(' ').at(-1)!) === wanted))
    );
  };
  for (const relation of relations)
    for (const end of ['from', 'to'] as const) {
      const known = named(relation[end]);
      if (known) relation[end] = known.name;
      else {
        const name = sentenceCase(singularIn(relation[end], language));
        entities.push({ name, fields: [] });
        relation[end] = name;
      }
    }
  const isTied = (from: string, to: string) =>
    relations.some(
      (one) => (one.from === from && one.to === to) || (one.kind === 'many' && one.from === to && one.to === from),
    );
  for (const entity of entities) {
    entity.fields = entity.fields.filter((field) => {
      if ((field.type ?? 'text') !== 'text' || field.unique || field.maxLength) return true;
      const target =
        named(field.name) ?? (field.name.split(' ').length <= 3 ? named(field.name.split(' ').at(-1)!) : undefined);
      if (!target || target === entity) return true;
      if (isTied(entity.name, target.name)) return named(field.name) !== target;
      const several = one(field.name) !== comparable(field.name) && singularIn(field.name, language) !== field.name;
      if (several && named(field.name)) {
        const back = target.fields.some((other) => named(other.name) === entity);
        relations.push(
          back
            ? { from: target.name, to: entity.name, kind: 'one' }
            : { from: entity.name, to: target.name, kind: 'many' },
        );
        return false;
      }
      field.type = 'reference';
      field.target = target.name;
      relations.push({ from: entity.name, to: target.name, kind: 'one', name: field.name });
      return true;
    });
  }
  dropDoubles(relations);
}

const only = <T>(found: T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

function dropDoubles(relations: DraftRelation[]): void {
  const seen = new Set<string>();
  for (let at = 0; at < relations.length; at++) {
    const { from, to, kind, name } = relations[at]!;
    const key = [kind, ...(kind === 'many' ? [from, to].sort() : [from, to]), kind === 'one' ? (name ?? to) : ''].join(
      '|',
    );
    if (from === to || seen.has(key)) relations.splice(at--, 1);
    else seen.add(key);
  }
}
