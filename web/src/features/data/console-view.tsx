/** The SQL console: one statement at a time, on the same road as an assistant’s. Live is chosen anew for each statement. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Radio } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { ConsoleAsk, ConsoleOutcome, ConsoleResult, ConsoleTarget, DataApp } from '../../../../contract/data.ts';
import { DID } from '../../../../contract/row-words.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Notice } from '../../components/notice.tsx';
import { Segments } from '../../components/segments.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { beginning, count } from '../../lib/text.ts';
import { agreeTo, dataKeys, decline, listOwnCalls, runStatement } from './api.ts';
import { AskCard, titleOfAsk } from './ask-card.tsx';
import { ValueTable } from './value-table.tsx';
import { moment, wordsOfRule } from './words.ts';

const MOD = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl';
const TABLES_SHOWN = 12;

export function ConsoleView({ apps, first }: { apps: DataApp[]; first: string | undefined }) {
  const client = useQueryClient();
  const [appId, setAppId] = useState(first ?? apps[0]?.app.id ?? '');
  const [target, setTarget] = useState<ConsoleTarget>('staging');
  const [sql, setSql] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [outcome, setOutcome] = useState<{ of: ConsoleOutcome; target: ConsoleTarget }>();
  const [left, setLeft] = useState(false);
  const editor = useRef<HTMLTextAreaElement>(null);
  const app = apps.find((one) => one.app.id === appId) ?? apps[0];
  if (!app) return <p className="text-ink-2">There is no app yet, and so nothing to ask about.</p>;
  const live = target === 'live';
  const asks = outcome?.of.kind === 'ask';
  const run = async (what: () => Promise<ConsoleOutcome>, at: ConsoleTarget) => {
    setBusy(true);
    setProblem('');
    setLeft(false);
    try {
      setOutcome({ of: await what(), target: at });
    } catch (error) {
      setOutcome(undefined);
      setProblem(sentenceOf(error));
    }
    setBusy(false);
    // live is for one statement
    setTarget('staging');
    void client.invalidateQueries({ queryKey: dataKeys.calls });
  };
  const start = () => {
    if (busy) return;
    if (sql.trim() === '') return setProblem('Write a statement first.');
    void run(() => runStatement(app.app.id, target, sql), target);
  };
  /** A no is told; who may not say yes has none to say, and only puts the question away. */
  const leave = async ({ id, mayAgree }: ConsoleAsk) => {
    setBusy(true);
    setProblem('');
    try {
      if (mayAgree) await decline(id);
      setOutcome(undefined);
      setLeft(mayAgree);
      editor.current?.focus();
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setBusy(false);
    void client.invalidateQueries({ queryKey: dataKeys.changes });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    start();
  };
  const names = [...new Set(app.tables.map(({ name }) => name))];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_300px] gap-6 max-lg:grid-cols-[minmax(0,1fr)]">
      <div className="grid content-start grid-cols-[minmax(0,1fr)] gap-4">
        <div
          className={cx(
            'rounded-3 border bg-raised focus-within:shadow-[0_0_0_1px_var(--accent)]',
            live ? 'border-live shadow-[0_0_0_1px_var(--db-live)]' : 'border-line-3 focus-within:border-accent',
          )}
        >
          {live && (
            <p className="flex items-center gap-1.5 rounded-t-[7px] bg-live-soft px-3 py-1.5 text-12 font-mid text-live-ink">
              <Radio size={13} aria-hidden="true" /> This statement goes to live, where customers are. Then back to
              staging.
            </p>
          )}
          <textarea
            ref={editor}
            aria-label="SQL statement"
            value={sql}
            onChange={(event) => setSql(event.target.value)}
            onKeyDown={onKey}
            rows={6}
            spellCheck={false}
            placeholder={`select * from ${names[0] ?? '…'} limit 20`}
            className="block w-full resize-y bg-transparent px-3 py-2.5 font-mono text-13 focus-visible:shadow-none"
          />
          <footer className="flex flex-wrap items-center gap-2 border-t border-line px-2 py-2">
            <select
              aria-label="App"
              value={app.app.id}
              onChange={(event) => {
                setAppId(event.target.value);
                setTarget('staging');
                setOutcome(undefined);
              }}
              className="h-7 max-w-48 rounded-2 border border-line-2 bg-raised px-1.5 max-md:h-11 max-md:text-[16px]"
            >
              {apps.map((one) => (
                <option key={one.app.id} value={one.app.id}>
                  {one.app.name}
                </option>
              ))}
            </select>
            {app.mode === 'dual-repository' ? (
              <Segments
                name="Database for this statement"
                value={target}
                onChange={setTarget}
                options={[
                  { value: 'staging', label: 'Staging' },
                  { value: 'live', label: 'Live', live: true },
                ]}
              />
            ) : (
              <span className="rounded-full border border-line-2 px-2 text-12 leading-5 font-mid">
                <span className="sr">Database: </span>Staging
              </span>
            )}
            <span className="flex-1" />
            {/* while something asks, that is the next move */}
            <Button look={live ? 'live' : asks ? 'plain' : 'primary'} hint={`${MOD} ↵`} disabled={busy} onClick={start}>
              {busy ? 'Running…' : live ? 'Run on live' : 'Run'}
            </Button>
          </footer>
        </div>
        {names.length > 0 && (
          <p className="text-12 text-ink-3">
            Tables here: {names.slice(0, TABLES_SHOWN).join(', ')}
            {names.length > TABLES_SHOWN && ` and ${names.length - TABLES_SHOWN} more`}.
          </p>
        )}
        <div className="grid grid-cols-[minmax(0,1fr)]">
          <div
            aria-live="polite"
            // what is there for screen readers alone takes no room
            className="grid grid-cols-[minmax(0,1fr)] gap-3 [&:has(>:not(.sr))]:mb-3"
          >
            {problem && <Notice>{problem}</Notice>}
            {left && <p className="text-12 text-ink-2">You left it. Nothing was run.</p>}
            {outcome?.of.kind === 'ask' && <p className="sr">It asks before it runs: {titleOfAsk(outcome.of.ask)}</p>}
            {outcome?.of.kind === 'refused' && (
              <div className="rounded-3 border border-line bg-sunken px-3 py-2.5">
                <p>{outcome.of.message}</p>
                {outcome.of.allowed && <p className="text-ink-2">{outcome.of.allowed}</p>}
                <p className="mt-1 text-12 text-ink-3">Nothing was run: {wordsOfRule(outcome.of.rule)}.</p>
              </div>
            )}
            {outcome?.of.kind === 'answer' && <Answer result={outcome.of.result} />}
          </div>
          {outcome?.of.kind === 'ask' && (
            <AskCard
              ask={outcome.of.ask}
              live={outcome.target === 'live'}
              busy={busy}
              onAgree={(ask) => void run(() => agreeTo(ask.id), outcome.target)}
              onLeave={(ask) => void leave(ask)}
            />
          )}
        </div>
      </div>
      <History onUse={setSql} />
    </div>
  );
}

function Answer({ result }: { result: ConsoleResult }) {
  const { columns, rows, more, affected, action, ms, plan, database, tables } = result;
  const where = database === 'live' ? 'live' : 'staging';
  const said =
    plan !== undefined
      ? `The plan on ${where}`
      : affected !== null
        ? `${DID[action ?? 'update'](count(affected, 'row'), tables.join(', '))} on ${where}`
        : `${count(rows.length, 'row')}${more ? ', and there is more' : ''} from ${where}`;
  return (
    <>
      <p className="text-12 text-ink-2">
        {said} · {ms} ms
      </p>
      {plan !== undefined ? (
        <section
          tabIndex={0}
          aria-label="As text"
          className="max-h-[60vh] overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 font-mono text-12"
        >
          <pre className="font-mono text-12 whitespace-pre-wrap">{plan}</pre>
        </section>
      ) : (
        columns.length > 0 &&
        rows.length > 0 && (
          <ValueTable
            label="Answer"
            loud={database === 'live'}
            columns={columns}
            rows={rows.map((values, at) => ({ id: String(at), values }))}
          />
        )
      )}
    </>
  );
}

function History({ onUse }: { onUse: (sql: string) => void }) {
  const calls = useQuery({ queryKey: [...dataKeys.calls, 'own'], queryFn: listOwnCalls });
  const seen = new Set<string>();
  const own = (calls.data ?? []).filter(({ statement }) => !seen.has(statement) && seen.add(statement));
  return (
    <section aria-labelledby="console-history" className="min-w-0">
      <h2 id="console-history" className="pb-1.5 text-12 tracking-normal text-ink-3">
        Your statements
      </h2>
      {own.length === 0 ? (
        <p className="text-12 text-ink-3">What you run is listed here, and can be used again.</p>
      ) : (
        <ul className="relative max-h-[70vh] overflow-y-auto rounded-2 border border-line" data-list="">
          {own.map(({ id, at, target, state, statement }) => (
            <li key={id} className="border-t border-line first:border-t-0">
              <button
                type="button"
                data-row=""
                onClick={() => onUse(statement)}
                className="block w-full px-2.5 py-1.5 text-left hover:bg-hover"
              >
                <code className="line-clamp-2 [overflow-wrap:anywhere]">{beginning(statement, 160)}</code>
                <span className="block text-12 text-ink-3">
                  {moment(at)}
                  {target === 'live' && <b className="font-mid text-live-ink"> on live</b>}
                  {state === 'refused' && ', not run'}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
