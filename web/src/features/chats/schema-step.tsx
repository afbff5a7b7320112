/** What a change of tables did: each exact statement, with what it touches, who had to wait, and what was lost. */
import type { SchemaEffect } from '../../../../contract/schema-operations.ts';

export const isSchemaDetail = (detail: unknown): detail is { effects: SchemaEffect[] } =>
  typeof detail === 'object' && detail !== null && Array.isArray((detail as { effects?: unknown }).effects);

export const SchemaStep = ({ effects }: { effects: SchemaEffect[] }) => (
  <ul className="mt-1 mb-2 ml-[7px] grid gap-2 border-l border-line-2 pl-[9px]">
    {effects.map(({ statement, locks, rewrites, destroys, asks }) => (
      <li key={statement} className="rounded-2 border border-line bg-raised">
        <pre className="overflow-x-auto px-3 py-2 font-mono text-12 whitespace-pre-wrap">{statement}</pre>
        <p className="flex flex-wrap gap-x-3 gap-y-0.5 border-t border-line px-3 py-1.5 text-12 text-ink-2">
          <span>{locks}</span>
          {rewrites && <span>The whole table is written anew</span>}
          {asks && <span>{asks}</span>}
          {destroys && <span className="text-bad-ink">Lost: {destroys}</span>}
        </p>
      </li>
    ))}
  </ul>
);
