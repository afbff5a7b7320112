/** The spec as a document that can be changed: what the app keeps, in plain words, and what a change does before it is made. */
import { Plus, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { Spec } from '../../../../contract/spec.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { count } from '../../lib/text.ts';
import { AddEntity } from './add-entity.tsx';
import { EntityCard } from './entity-card.tsx';
import { NameEditor } from './name-editor.tsx';
import { PageList } from './page-list.tsx';
import { type SpecDraft, useSpecDraft } from './use-spec-draft.ts';
import { effectText } from './words.ts';

/** @param version changes when the files of the chat do */
export function SpecPane({ chatId, version }: { chatId: string; version: number }) {
  const draft = useSpecDraft(chatId, version);
  const [adding, setAdding] = useState(false);
  if (draft.spec === undefined)
    return <div className="p-6">{draft.problem ? <Notice>{draft.problem}</Notice> : <Reading />}</div>;
  if (draft.imported)
    return (
      <div className="grid max-w-[48ch] gap-1.5 p-6">
        <h2 className="text-15">This app was imported</h2>
        <p className="text-ink-2">There is no spec. Talk to change it.</p>
      </div>
    );
  if (draft.spec === null)
    return (
      <div className="grid max-w-[48ch] gap-1.5 p-6">
        <h2 className="text-15">Nothing is described yet</h2>
        <p className="text-ink-2">Say in the chat what you want to make. What it keeps is written down here.</p>
      </div>
    );
  const { spec } = draft;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
        <NameEditor
          level={2}
          heading={spec.title}
          what="the app"
          names={[{ label: 'Name of the app', value: spec.title }]}
          onRename={([title]) => draft.add({ op: 'set_title', title: title! })}
        />
        <p className="mt-1 mb-4 text-ink-2">{summaryOf(spec)}</p>
        {spec.entities.map((entity, index) => (
          <EntityCard key={entity.id} draft={draft} spec={spec} entity={entity} index={index} />
        ))}
        {adding ? (
          <AddEntity
            onCancel={() => setAdding(false)}
            onAdd={async (operation) => {
              if (await draft.add(operation)) setAdding(false);
            }}
          />
        ) : (
          <Button onClick={() => setAdding(true)}>
            <Plus size={14} aria-hidden="true" /> Add a list
          </Button>
        )}
        <PageList draft={draft} spec={spec} />
      </div>
      <Pending draft={draft} />
    </div>
  );
}

const Reading = () => (
  <p role="status" className="text-ink-3">
    Reading the spec …
  </p>
);

function summaryOf(spec: Spec): string {
  const lists = spec.entities.filter((entity) => !entity.link);
  if (lists.length === 0) return 'It keeps nothing yet.';
  const pages = spec.pages?.length ? ` and has ${count(spec.pages.length, 'page')} beside them` : '';
  return `It keeps ${lists.map((entity) => entity.plural).join(', ')}${pages}.`;
}

/** What waits to be made: each step, what it does to rows, and the yes. */
function Pending({ draft }: { draft: SpecDraft }) {
  const { preview, problem, busy, steps } = draft;
  if (steps.length === 0 && !problem) return null;
  const clashes = preview?.effects.some((effect) => effect.kind === 'clashes');
  return (
    <section aria-label="Changes that wait" className="grid gap-2 border-t border-line bg-raised px-5 py-3">
      {problem && <Notice>{problem}</Notice>}
      {steps.length > 0 && (
        <>
          <ul className="grid max-h-40 gap-1 overflow-y-auto">
            {preview?.summary.map((line, index) => (
              // steps are only added and taken away at the end
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <li key={index} className="text-13">
                {line}
              </li>
            ))}
            {preview?.effects.map((effect) => (
              <li key={`${effect.kind} ${effect.what}`} className="text-13 font-mid text-bad-ink">
                {effectText(effect)}
              </li>
            ))}
          </ul>
          <div className="flex flex-wrap items-center gap-2">
            <Button look="primary" disabled={busy || clashes} onClick={() => void draft.apply()}>
              {steps.length === 1 ? 'Make this change' : `Make these ${steps.length} changes`}
            </Button>
            <Button disabled={busy} onClick={draft.undoStep}>
              <Undo2 size={14} aria-hidden="true" /> Take back the last
            </Button>
            <Button look="bare" disabled={busy} onClick={draft.discard}>
              Discard
            </Button>
            {preview && preview.effects.length === 0 && (
              <span className="text-12 text-ink-3">No row loses anything.</span>
            )}
          </div>
        </>
      )}
    </section>
  );
}
