/** The pages beside the lists: boards, calendars, galleries, charts, pages to print. */
import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { PageKind, Spec } from '../../../../contract/spec.ts';
import { Button } from '../../components/button.tsx';
import { Choose } from './choose.tsx';
import type { SpecDraft } from './use-spec-draft.ts';
import { pageNames } from './words.ts';

export function PageList({ draft, spec }: { draft: SpecDraft; spec: Spec }) {
  const [kind, setKind] = useState<PageKind>('board');
  const [entity, setEntity] = useState('');
  if (spec.entities.length === 0) return null;
  const lists = spec.entities.filter((one) => !one.link);
  const chosen = lists.some((one) => one.id === entity) ? entity : (lists[0]?.id ?? '');
  const add = (event: FormEvent) => {
    event.preventDefault();
    void draft.add({ op: 'add_page', kind, entity: chosen });
  };
  return (
    <section aria-label="Pages" className="mt-6">
      <h3 className="text-15">Pages</h3>
      <ul className="my-2">
        {(spec.pages ?? []).map((page) => (
          <li key={page.id} className="flex items-center gap-2 border-b border-line py-1">
            <span className="font-mid">{page.name}</span>
            <span className="flex-1 text-12 text-ink-3">
              {pageNames[page.kind]} of {spec.entities.find((one) => one.id === page.entity)?.plural}
            </span>
            <Button
              look="bare"
              size="icon"
              aria-label={`Remove the page ${page.name}`}
              onClick={() => void draft.add({ op: 'remove_page', page: page.id })}
            >
              <Trash2 size={14} aria-hidden="true" />
            </Button>
          </li>
        ))}
      </ul>
      <form onSubmit={add} className="flex flex-wrap items-end gap-2">
        <Choose
          label="Kind of page"
          value={kind}
          options={pageNames}
          onChange={(value) => setKind(value as PageKind)}
        />
        <Choose
          label="Of which list"
          value={chosen}
          options={Object.fromEntries(lists.map((one) => [one.id, one.plural]))}
          onChange={setEntity}
        />
        <Button type="submit" size="big">
          Add a page
        </Button>
      </form>
    </section>
  );
}
