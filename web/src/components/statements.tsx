/** Statements for a person to run elsewhere: folded, and copied whole. */
import { useState } from 'react';
import { Button } from './button.tsx';

export function Statements({ title, sql, where }: { title: string; sql: string; where: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <details className="min-w-0 text-13">
      <summary className="cursor-pointer text-ink-2 hover:text-ink">{title}</summary>
      <div className="mt-2 grid min-w-0 gap-2">
        <p className="text-12 text-ink-3">{where}</p>
        <pre
          tabIndex={0}
          className="max-h-52 overflow-auto rounded-2 border border-line bg-sunken px-2.5 py-2 font-mono text-12 whitespace-pre"
        >
          {sql}
        </pre>
        <Button
          className="justify-self-start"
          onClick={() =>
            void navigator.clipboard.writeText(sql).then(
              () => setCopied(true),
              () => {},
            )
          }
        >
          {copied ? 'Copied' : 'Copy the statements'}
        </Button>
      </div>
    </details>
  );
}
