/** What stays on somebody else's server when it does not answer: by its names, and how it is removed by hand. */
import type { LeftThere } from '../../../../contract/outside.ts';
import { Statements } from '../../components/statements.tsx';
import { count } from '../../lib/text.ts';

export function LeftThereList({ left }: { left: LeftThere }) {
  const lines = [
    left.schemas.length > 0 && ['Tables and rows', `in the schema ${left.schemas.join(', ')}`],
    left.publications.length > 0 && ['What sends its changes', `the publication ${left.publications.join(', ')}`],
    left.slots.length > 0 && [
      'What waits for the copy',
      `the slot ${left.slots.join(', ')}; until it is removed, that server keeps changes for it and its disk fills`,
    ],
    left.roles.length > 0 && ['Who came in', roleWords(left.roles)],
  ].filter((line) => line !== false);
  return (
    <>
      <ul className="grid gap-1 text-13">
        {lines.map(([what, how]) => (
          <li key={what} className="[overflow-wrap:anywhere]">
            <span className="font-mid">{what}</span>
            <span className="text-ink-2">: {how}</span>
          </li>
        ))}
      </ul>
      <Statements
        title="How to remove it by hand"
        where={`Connect to ${left.where} as ${left.user}, and run all of it.`}
        sql={left.sql}
      />
    </>
  );
}

const SHOWN = 3;

const roleWords = (roles: string[]): string =>
  roles.length > SHOWN + 1
    ? `the roles ${roles.slice(0, SHOWN).join(', ')} and ${count(roles.length - SHOWN, 'more')}`.replace(
        'mores',
        'more',
      )
    : `the roles ${roles.join(', ')}`;
