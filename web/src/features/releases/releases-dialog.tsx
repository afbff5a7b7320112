/** An app's releases: which serves, where each came from, and the way back to an older one. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { App } from '../../../../contract/apps.ts';
import type { ReleaseEntry } from '../../../../contract/releases.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { clock, dayOf } from '../../lib/text.ts';
import { goBack, listReleases, releaseKeys } from './api.ts';

interface Props {
  app: App;
  /** the person may say which release serves */
  mayChoose: boolean;
  onClose: () => void;
}

export function ReleasesDialog({ app, mayChoose, onClose }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [wanted, setWanted] = useState<ReleaseEntry>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const pages = useInfiniteQuery({
    queryKey: releaseKeys.of(app.id),
    queryFn: ({ pageParam }) => listReleases(app.id, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const releases = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const serving = releases.find(({ state }) => state === 'serving');
  const coming = releases.find(({ state }) => ['queued', 'building', 'starting'].includes(state));
  const ahead = serving
    ? releases.filter(({ number, state }) => number > serving.number && state === 'retired').length
    : 0;

  const choose = () => {
    if (!wanted || !serving) return;
    setBusy(true);
    setProblem('');
    goBack(app.id, { releaseId: wanted.id, serving: serving.id })
      .then(
        ({ to }) => {
          setWanted(undefined);
          toast({ text: `Release ${to} of ${app.name} serves.` });
        },
        (error) => setProblem(sentenceOf(error)),
      )
      .finally(() => {
        setBusy(false);
        void client.invalidateQueries({ queryKey: ['apps'] });
      });
  };

  if (wanted && serving)
    return (
      <Dialog
        open
        onClose={() => setWanted(undefined)}
        title={`${way(wanted, serving)}?`}
        actions={
          <>
            <Button onClick={() => setWanted(undefined)}>Stay on release {serving.number}</Button>
            <Button look={app.mode === 'dual-repository' ? 'live' : 'primary'} disabled={busy} onClick={choose}>
              {busy ? 'Switching…' : way(wanted, serving)}
            </Button>
          </>
        }
      >
        <p className="text-ink-2">
          Whoever uses {app.name} gets release {wanted.number} within a second. Nobody is cut off, and nothing that is
          being saved is lost.
        </p>
        <p className="text-ink-2">
          {wanted.number < serving.number
            ? `All rows stay as they are. What newer releases have added to the tables stays too; release ${wanted.number} does not show it.`
            : 'All rows stay as they are.'}{' '}
          What was merged stays merged: the next merge builds on all of it.
        </p>
        {problem && <Notice>{problem}</Notice>}
      </Dialog>
    );

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Releases of ${app.name}`}
      text={
        serving
          ? ahead > 0
            ? `Release ${serving.number} serves. ${ahead === 1 ? 'One newer release waits' : `${ahead} newer releases wait`}; the next merge brings all of it.`
            : `Release ${serving.number} serves, the newest there is.`
          : 'No release serves.'
      }
      actions={<Button onClick={onClose}>Close</Button>}
    >
      {pages.error && <Notice>{sentenceOf(pages.error)}</Notice>}
      {mayChoose && coming && (
        <p className="text-ink-2">
          Release {coming.number} is on its way. Another one can be chosen when it is through.
        </p>
      )}
      <ol className="border-t border-line">
        {releases.map((release) => (
          <li key={release.id} className="grid gap-0.5 border-b border-line py-2">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <b className="font-mono font-strong">{release.number}</b>
              <State release={release} />
              <span className="min-w-0 flex-1 truncate">
                {release.chatId ? (
                  <Link
                    to="/chats/$chatId"
                    params={{ chatId: release.chatId }}
                    className="underline decoration-line-2 underline-offset-[3px]"
                  >
                    {release.title}
                  </Link>
                ) : (
                  release.title
                )}
              </span>
              {mayChoose && serving && !coming && release.canServe && (
                <Button onClick={() => setWanted(release)} aria-label={way(release, serving)}>
                  {release.number < serving.number ? 'Go back' : 'Go on'}
                </Button>
              )}
            </div>
            <p className="text-12 text-ink-3">
              {release.by && `${release.by}, `}
              <time dateTime={release.createdAt}>
                {dayOf(release.createdAt)} {clock(release.createdAt)}
              </time>
            </p>
            {release.why && <p className="text-12 text-ink-2">{release.why}</p>}
          </li>
        ))}
      </ol>
      {pages.hasNextPage && (
        <Button look="bare" className="justify-self-start" onClick={() => void pages.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </Dialog>
  );
}

const way = (to: ReleaseEntry, from: ReleaseEntry): string =>
  `Go ${to.number < from.number ? 'back' : 'on'} to release ${to.number}`;

const STATES: Partial<Record<ReleaseEntry['state'], [words: string, look: string]>> = {
  serving: ['serves', 'bg-good-soft text-good-ink'],
  failed: ['did not come up', 'bg-bad-soft text-bad-ink'],
  queued: ['waits to be built', 'bg-sunken text-ink-2'],
  building: ['is being built', 'bg-sunken text-ink-2'],
  starting: ['starts', 'bg-sunken text-ink-2'],
};

function State({ release }: { release: ReleaseEntry }) {
  const known = STATES[release.state];
  return known && <span className={cx('rounded-1 px-1.5 text-12', known[1])}>{known[0]}</span>;
}
