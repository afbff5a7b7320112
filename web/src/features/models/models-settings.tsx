/** Settings about models: where they are reached, in which order they are asked, what they cost. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelSetup, ModelSource } from '../../../../contract/models.ts';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { AddressForm } from './address-form.tsx';
import { getModelSetup, modelKeys, setThinking } from './api.ts';
import { OrderList } from './order-list.tsx';
import { PriceTable } from './price-table.tsx';
import { SourceRow } from './source-row.tsx';

export function ModelsSettings({ mayChange, owner }: { mayChange: boolean; owner: boolean }) {
  const client = useQueryClient();
  const [problem, setProblem] = useState('');
  const setup = useQuery({ queryKey: modelKeys.setup, queryFn: getModelSetup });
  // the picker of a chat and the first screen show the same models
  const others = () => void client.invalidateQueries({ queryKey: ['settings'], exact: true });
  const keep = (next: ModelSetup) => {
    client.setQueryData(modelKeys.setup, next);
    others();
  };
  const changed = () => {
    void client.invalidateQueries({ queryKey: modelKeys.setup });
    others();
  };
  return (
    <>
      <Section
        title="Models"
        text="The built-in builder makes data apps by rules and needs no key. With a key, a language model does open-ended work through the same gates."
      >
        {setup.error && <Notice>{sentenceOf(setup.error)}</Notice>}
        {setup.data && (
          <>
            <ul aria-label="Where models are reached" className="rounded-3 border border-line bg-raised">
              {setup.data.sources.map((source) => (
                <SourceRow
                  key={source.id}
                  source={source}
                  tests={tested(source, setup.data)}
                  mayChange={mayChange}
                  owner={owner}
                  onChanged={changed}
                />
              ))}
            </ul>
            {owner && <AddressForm onAdded={changed} />}
          </>
        )}
      </Section>
      {setup.data && (
        <Section
          title="Order"
          text="Models are asked in this order. When the first is overloaded, does not answer or has no credit left, the next one answers in its place, and the turn’s details say which. A chat may put a model of its own first."
        >
          {setup.data.orders.map((order) => (
            <OrderList key={order.kind} order={order} setup={setup.data} mayChange={mayChange} keep={keep} />
          ))}
          <label className="flex items-start gap-2.5">
            <input
              type="checkbox"
              checked={setup.data.thinking}
              disabled={!mayChange}
              onChange={(event) => {
                setProblem('');
                setThinking(event.target.checked).then(keep, (error) => setProblem(sentenceOf(error)));
              }}
              className="mt-0.5 h-4 w-4 accent-(--ink)"
            />
            <span>
              Let models think before they answer
              <span className="block text-12 text-ink-3">
                Better at hard work, slower, and the thinking is paid for. What a model thought is shown folded in the
                chat.
              </span>
            </span>
          </label>
          {problem && <Notice>{problem}</Notice>}
          <PriceTable prices={setup.data.prices} mayChange={mayChange} keep={keep} />
        </Section>
      )}
    </>
  );
}

/** The model that shows whether a source works: the one that is asked first of it, else the first that it knows. */
function tested(source: ModelSource, setup: ModelSetup): string | undefined {
  const asked = setup.orders.flatMap((order) => order.models.map((model) => model.id));
  return asked.find((id) => id.startsWith(`${source.id}/`)) ?? source.models[0];
}
