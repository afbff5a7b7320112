/** Deleting an app, and bringing a deleted one back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { App } from '../../../../contract/apps.ts';
import type { AppLeaves } from '../../../../contract/outside.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Notice } from '../../components/notice.tsx';
import { Tile } from '../../components/tile.tsx';
import { useToast } from '../../components/toasts.tsx';
import { chatKeys } from '../../features/chats/api.ts';
import { LeftThereList } from '../../features/data/left-there.tsx';
import { api, sentenceOf } from '../../lib/api.ts';
import { count } from '../../lib/text.ts';

/** The name is typed, because rows that people use go with it. */
export function DeleteApp({ app, onClose }: { app: App; onClose: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState('');
  const [problem, setProblem] = useState('');
  const asked = useQuery({
    queryKey: ['apps', app.id, 'leaves'],
    queryFn: () => api<AppLeaves>('GET', `/api/apps/${app.id}/leaves`),
    enabled: app.mode === 'dual-repository',
    staleTime: 0,
  });
  const leaves = asked.data?.leaves;
  const changed = () => {
    void client.invalidateQueries({ queryKey: ['apps'] });
    void client.invalidateQueries({ queryKey: chatKeys.list });
  };
  const remove = () => {
    if (name.trim() !== app.name) return setProblem(`Type “${app.name}” to delete it`);
    api('DELETE', `/api/apps/${app.id}${leaves ? '?leave=true' : ''}`).then(
      () => {
        onClose();
        changed();
        toast({
          text: `${app.name} is deleted. It can be brought back for 48 hours.`,
          action: { name: 'Bring back', run: () => void api('POST', `/api/apps/${app.id}/restore`).then(changed) },
        });
      },
      (error) => setProblem(sentenceOf(error)),
    );
  };
  const goes = [
    app.state === 'none' ? 'its draft rows' : 'its rows and releases',
    app.openChats > 0 ? count(app.openChats, 'open chat') : 'its chats',
    'its folder on main',
  ];
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Delete ${app.name}?`}
      text={`Its address is closed at once. For 48 hours it can be brought back as it is; then ${goes.join(', ').replace(/, ([^,]*)$/, ' and $1')} are gone.`}
      actions={
        <>
          <Button onClick={onClose}>Keep the app</Button>
          <Button look="danger" disabled={asked.isLoading} onClick={remove}>
            {asked.isLoading
              ? 'Asking its live database…'
              : leaves
                ? 'Delete it and leave that there'
                : 'Delete the app'}
          </Button>
        </>
      }
    >
      {leaves && (
        <div className="grid min-w-0 gap-2 rounded-3 border border-line bg-surface p-3">
          <p className="text-13 [overflow-wrap:anywhere]">
            <span className="font-mid">Its live database does not answer</span>
            <span className="text-ink-2">
              : {leaves.where} ({asked.data?.because}). If it still does not when the 48 hours are over, this stays
              there, and is removed by itself when it answers within 14 days:
            </span>
          </p>
          <LeftThereList left={leaves} />
        </div>
      )}
      <Field
        label="Its name"
        value={name}
        error={problem}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && remove()}
      />
    </Dialog>
  );
}

export const useDeletedApps = (enabled = true) =>
  useQuery({
    queryKey: ['apps', 'deleted'],
    queryFn: () => api<{ items: App[] }>('GET', '/api/apps?deleted=true').then((page) => page.items),
    enabled,
  });

export function DeletedApps() {
  const client = useQueryClient();
  const [problem, setProblem] = useState('');
  const apps = useDeletedApps();
  if (!apps.data?.length) return null;
  return (
    <section aria-labelledby="deleted-apps">
      <h2 id="deleted-apps" className="pb-2 text-12 tracking-normal text-ink-3">
        Deleted, gone for good after 48 hours
      </h2>
      {problem && <Notice>{problem}</Notice>}
      <ul className="grid gap-1">
        {apps.data.map((app) => (
          <li key={app.id} className="flex min-h-10 items-center gap-3 px-2.5">
            <Tile app={app} />
            <span className="min-w-0 flex-1 truncate text-ink-2">{app.name}</span>
            <Button
              aria-label={`Bring back ${app.name}`}
              onClick={() =>
                api('POST', `/api/apps/${app.id}/restore`).then(
                  () => {
                    setProblem('');
                    void client.invalidateQueries({ queryKey: ['apps'] });
                    void client.invalidateQueries({ queryKey: chatKeys.list });
                  },
                  (error) => setProblem(sentenceOf(error)),
                )
              }
            >
              Bring back
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
