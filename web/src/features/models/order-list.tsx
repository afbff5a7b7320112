/** In which order a kind of agent asks models. Moved by dragging, by buttons, or by the arrow keys on a handle; kept at once. */
import { ChevronDown, ChevronUp, GripVertical, X } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import type { ModelOrder, ModelSetup } from '../../../../contract/models.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { setOrder } from './api.ts';

interface Props {
  order: ModelOrder;
  setup: ModelSetup;
  mayChange: boolean;
  keep: (setup: ModelSetup) => void;
}

export function OrderList({ order, setup, mayChange, keep }: Props) {
  const id = useId();
  const [adding, setAdding] = useState('');
  const [problem, setProblem] = useState('');
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<string>();
  const [over, setOver] = useState<string>();
  const ids = order.models.map((model) => model.id);
  const embeds = order.kind === 'embeddings';
  const store = async (models: string[], words: string) => {
    setProblem('');
    try {
      keep(await setOrder(order.kind, models));
      setSaid(words);
      return true;
    } catch (error) {
      setProblem(sentenceOf(error));
      return false;
    }
  };
  const move = (model: { id: string; name: string }, to: number) => {
    if (to < 0 || to >= ids.length || ids[to] === model.id) return;
    const next = ids.filter((one) => one !== model.id);
    next.splice(to, 0, model.id);
    void store(next, `${model.name} is now ${to + 1} of ${ids.length}`);
  };
  const onKey = (event: KeyboardEvent, model: { id: string; name: string }, at: number) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    move(model, at + (event.key === 'ArrowUp' ? -1 : 1));
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const model = adding.trim();
    if (model && (await store([...ids, model], `${model} was added`))) setAdding('');
  };
  const known = setup.sources.flatMap((source) => (source.key === 'none' ? [] : source.models));
  const choices = known.filter((model) => !ids.includes(model) && (embeds ? /embed|e5|bge/i.test(model) : true));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="text-13 font-strong">{order.title}</h3>
      <ol aria-label={`Order for ${order.title}`} className="rounded-3 border border-line bg-raised">
        {order.models.map((model, at) => (
          <li
            key={model.id}
            draggable={mayChange}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              event.dataTransfer.setData('text/plain', model.id);
              setDragged(model.id);
            }}
            onDragEnd={() => {
              setDragged(undefined);
              setOver(undefined);
            }}
            onDragOver={(event) => {
              if (!dragged) return;
              event.preventDefault();
              setOver(model.id);
            }}
            onDrop={(event) => {
              event.preventDefault();
              const from = order.models.find((one) => one.id === dragged);
              if (from) move(from, at);
            }}
            className={cx(
              'flex min-h-11 items-center gap-1.5 border-b border-line py-1 pr-2 pl-1 last:border-b-0 max-md:pl-3',
              dragged === model.id && 'opacity-40',
              over === model.id && dragged !== model.id && 'bg-selected',
            )}
          >
            {mayChange && (
              <button
                type="button"
                aria-label={`Move ${model.name}: up and down arrow`}
                title="Drag, or use the arrow keys"
                onKeyDown={(event) => onKey(event, model, at)}
                className="grid h-7 w-6 shrink-0 cursor-grab place-items-center rounded-2 text-ink-3 hover:bg-hover max-md:hidden"
              >
                <GripVertical size={14} aria-hidden="true" />
              </button>
            )}
            <span className="w-3 shrink-0 text-12 text-ink-3 tabular-nums">{at + 1}</span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-mid">{model.name}</span>
              <span className="block truncate text-12 text-ink-3">
                {model.provider}
                {model.why ? ` · ${model.why}, so it is passed over` : ''}
              </span>
            </span>
            {mayChange && (
              <span className="flex shrink-0">
                <Button
                  look="bare"
                  size="icon"
                  aria-label={`${model.name} up`}
                  disabled={at === 0}
                  className="disabled:invisible"
                  onClick={() => move(model, at - 1)}
                >
                  <ChevronUp size={14} aria-hidden="true" />
                </Button>
                <Button
                  look="bare"
                  size="icon"
                  aria-label={`${model.name} down`}
                  disabled={at === ids.length - 1}
                  className="disabled:invisible"
                  onClick={() => move(model, at + 1)}
                >
                  <ChevronDown size={14} aria-hidden="true" />
                </Button>
                <Button
                  look="bare"
                  size="icon"
                  aria-label={`Take ${model.name} out of the order`}
                  onClick={() =>
                    void store(
                      ids.filter((one) => one !== model.id),
                      `${model.name} was taken out`,
                    )
                  }
                >
                  <X size={14} aria-hidden="true" />
                </Button>
              </span>
            )}
          </li>
        ))}
        {!embeds && (
          <li className="flex min-h-11 flex-col justify-center px-3 py-1 text-ink-2">
            <span className="font-mid">Built-in builder</span>
            <span className="block text-12 text-ink-3">
              {ids.length === 0
                ? 'Does all the work as long as no key is there'
                : 'Only when none of these can be asked at all'}
            </span>
          </li>
        )}
        {embeds && ids.length === 0 && (
          <li className="flex min-h-11 items-center px-3 text-ink-2">
            None yet: without one there is no search by meaning.
          </li>
        )}
      </ol>
      {mayChange && (
        <form onSubmit={add} className="flex items-end gap-2">
          <label className="grid min-w-0 flex-1 gap-1 text-12 font-mid text-ink-2 md:max-w-[360px]">
            Another model
            <input
              list={`${id}-known`}
              value={adding}
              autoComplete="off"
              onChange={(event) => setAdding(event.target.value)}
              placeholder={choices[0] ?? 'provider/model'}
              aria-label={`Another model for ${order.title}`}
              className="h-7 min-w-0 rounded-2 border border-line-3 bg-raised px-2.5 font-mono text-12 font-normal text-ink max-md:h-9 max-md:text-[16px]"
            />
          </label>
          <datalist id={`${id}-known`}>
            {choices.map((model) => (
              <option key={model} value={model} />
            ))}
          </datalist>
          <Button type="submit" disabled={adding.trim() === ''}>
            Add to the order
          </Button>
        </form>
      )}
      {problem && <Notice>{problem}</Notice>}
      <p role="status" className="sr">
        {said}
      </p>
    </div>
  );
}
