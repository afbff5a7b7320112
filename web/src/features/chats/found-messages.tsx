/** What was said in any chat that fits what is looked for; choosing it leads to the message. */
import { Link } from '@tanstack/react-router';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { AppTag } from '../../components/tile.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { ago } from '../../lib/text.ts';
import { Snippet } from './snippet.tsx';
import { useSearch } from './use-search.ts';

export function FoundMessages({ wanted }: { wanted: string }) {
  const { items, query, asked } = useSearch(wanted);
  if (!asked) return null;
  // open chats whose title fits stand above already
  const messages = items.filter((item) => item.turnId !== null || item.archived);
  const more = query.hasNextPage;
  return (
    <section aria-labelledby="found-messages">
      <h2
        id="found-messages"
        className="flex justify-between px-2 pt-2 pb-1 text-12 font-strong tracking-normal text-ink-3"
      >
        In messages <span className="font-text tabular-nums">{messages.length > 0 ? messages.length : ''}</span>
      </h2>
      {query.error && <Notice>{sentenceOf(query.error)}</Notice>}
      <p role="status" className={messages.length === 0 && !query.isFetching ? 'px-2 py-1 text-ink-3' : 'sr'}>
        {query.isFetching
          ? 'Looking'
          : messages.length > 0
            ? `${messages.length} found`
            : more
              ? 'Nothing in newer messages.'
              : 'Nobody has said that.'}
      </p>
      <ul>
        {messages.map((item) => (
          <li key={`${item.chatId} ${item.turnId} ${item.at}`}>
            <Link
              to="/chats/$chatId"
              params={{ chatId: item.chatId }}
              search={item.turnId ? { turn: item.turnId } : {}}
              data-row=""
              className="grid gap-0.5 rounded-2 px-2 py-1.5 hover:bg-hover"
            >
              <span className="flex items-baseline gap-2">
                <span className="min-w-0 flex-1 truncate font-mid">{item.title}</span>
                <time className="shrink-0 text-12 text-ink-3" dateTime={item.at}>
                  {ago(item.at)}
                </time>
              </span>
              <span className="line-clamp-2 text-12 text-ink-2 [overflow-wrap:anywhere]">
                {item.turnId && <span className="text-ink-3">{item.by?.split(' ')[0] ?? 'Answer'}: </span>}
                <Snippet runs={item.snippet} />
              </span>
              <span className="flex min-w-0 items-center gap-2">
                {item.app && <AppTag app={item.app} />}
                {item.archived && <span className="text-12 text-ink-3">archived</span>}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {more && (
        <Button
          look="bare"
          className="w-full"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? 'Looking…' : 'Look further back'}
        </Button>
      )}
    </section>
  );
}
