/** `make it blue`, `use a book icon`: how the app looks, as far as a spec says it. */
import type { SpecOperation } from '../../../../../../contract/spec-operations.ts';
import { colourNames, iconOf } from '../look-words.ts';
import type { Step } from '../outcome.ts';
import { say } from '../say.ts';

const target =
  '(?:the |this |my )?(?:app|application|it|everything|all|whole thing|theme|colou?r(?: scheme)?(?: of (?:the )?(?:app|it|everything))?|look|design|background|buttons?)';

/** @returns nothing when the clause does not speak about the look */
export function lookStep(clause: string): Step | undefined {
  return iconStep(clause) ?? colourStep(clause);
}

function colourStep(clause: string): Step | undefined {
  const match =
    clause.match(
      new RegExp(
        `^(?:make|paint|colou?r|turn|change|set|let|i want|have|put)\\s+(?:the whole thing|${target})\\s*(?:be |to be |to |into |in |look )*(?:an? )?((?:dark |light |bright )?\\p{L}+)$`,
        'iu',
      ),
    ) ??
    clause.match(
      new RegExp(
        `^${target} (?:should|shall|must|could) be (?:in )?(?:an? )?((?:dark |light |bright )?\\p{L}+)$`,
        'iu',
      ),
    ) ??
    clause.match(
      /^(?:use|choose|take|pick|i (?:like|want|prefer)) (?:the |an? )?((?:dark |light |bright )?\p{L}+) (?:as (?:the )?colou?r|colou?r|theme)$/iu,
    );
  if (!match) return undefined;
  const colour =
    colourNames.get(match[1]!.toLowerCase()) ??
    colourNames.get(match[1]!.toLowerCase().replace(/^(?:dark|light|bright) /, ''));
  if (colour) return { operations: [{ op: 'set_look', colour }] };
  if (!/colou?r|theme|paint/i.test(clause)) return undefined;
  return {
    say: `I do not have the colour ${say(match[1]!)}. There is green, dark green, blue, dark blue, grey, purple, pink, red, yellow and brown.`,
  };
}

function iconStep(clause: string): Step | undefined {
  const match =
    clause.match(
      /^(?:change|set|make) (?:the )?(?:app[’']?s? )?icon(?: of (?:the )?app)? (?:to |into |be |a )*(?:an? |the )?(.+?)(?: icon)?$/i,
    ) ??
    clause.match(
      /^(?:use|give (?:it|the app|us|me)|choose|take|pick|add|show|put) (?:an? |the )?(.+?) (?:icon|symbol)(?: for (?:the )?app)?$/i,
    ) ??
    clause.match(/^(?:the )?icon (?:should|shall|must) be (?:an? |the )?(.+?)$/i) ??
    clause.match(/^icon: ?(.+)$/i);
  if (!match) return undefined;
  const icon = iconOf(match[1]!);
  if (icon) return { operations: [{ op: 'set_look', icon } satisfies SpecOperation] };
  return {
    say: `I know no icon for ${say(match[1]!)}. I know for example book, calendar, heart, music, dog, car, bike, tools, house, people and money; the app’s settings offer all others.`,
  };
}
