/** A real smallest call of a model, and what came of it in words. */
import { Check, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { TestedModel } from '../../../../contract/models.ts';
import { Button } from '../../components/button.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { testModel } from './api.ts';

export interface Tested {
  state: 'testing' | 'done';
  result?: Pick<TestedModel, 'ok' | 'text'>;
}

/** The test of one model; the words stand where `TestWords` is put. */
export function useTest(model: string | undefined) {
  const [tested, setTested] = useState<Tested>();
  const run = async () => {
    if (!model) return;
    setTested({ state: 'testing' });
    const result = await testModel(model).catch((error) => ({ ok: false, text: sentenceOf(error) }));
    setTested({ state: 'done', result });
  };
  return { tested, run };
}

export const TestButton = ({ name, tested, run }: { name: string; tested: Tested | undefined; run: () => void }) => (
  <Button
    onClick={run}
    disabled={tested?.state === 'testing'}
    aria-label={`Test ${name}`}
    title="Makes a real call, as small as can be"
  >
    {tested?.state === 'testing' ? 'Testing…' : 'Test'}
  </Button>
);

export const TestWords = ({ tested }: { tested: Tested | undefined }) => (
  <p role="status" className="basis-full empty:hidden">
    {tested?.result && (
      <span
        className={
          tested.result.ok
            ? 'flex items-start gap-1.5 text-12 text-good-ink'
            : 'flex items-start gap-1.5 text-12 text-bad-ink'
        }
      >
        {tested.result.ok ? (
          <Check size={14} className="mt-px shrink-0" aria-hidden="true" />
        ) : (
          <TriangleAlert size={14} className="mt-px shrink-0" aria-hidden="true" />
        )}
        <span className="min-w-0 [overflow-wrap:anywhere]">{tested.result.text}</span>
      </span>
    )}
  </p>
);
