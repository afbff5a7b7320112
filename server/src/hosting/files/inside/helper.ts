/** The file helper itself: runs inside a sandbox that has only the app's folder, and answers requests one after the other. */
import { createInterface } from 'node:readline';
import { FILE_LIMITS } from '../limits.ts';
import type { Operations, Request, Result } from '../protocol.ts';
import { apply, readTree, type Workshop, writeTree } from './change.ts';
import { Folder } from './folder.ts';
import { Journal } from './journal.ts';
import { list, read, search } from './look.ts';
import { refusalOf } from './refuse.ts';
import { SyntaxChecker } from './syntax.ts';

type Answers = { [Name in keyof Operations]: (input: Operations[Name][0]) => unknown };

/** What comes before an edit. The platform itself reads and writes whole trees, and checks nothing. */
const LOOKS = new Set<keyof Operations>(['list', 'read', 'search']);

function main(): void {
  const folder = new Folder('/w/app');
  // Tests end the helper at a named point, at once and with nothing run; the variable is never set otherwise.
  const killAt = process.env.VIBE_KILL_AT;
  let steps = 0;
  const pause = (point: string) => {
    if (killAt === point || (point === 'step' && killAt === `step:${++steps}`)) process.exit(99);
  };
  const shop: Workshop = { folder, journal: new Journal(folder), syntax: new SyntaxChecker(), pause };
  const recovered = shop.journal.recover();
  const answers: Answers = {
    list: (input) => list(folder, input),
    read: (input) => read(folder, input),
    search: (input) => search(folder, input),
    apply: (input) => apply(shop, input),
    writeTree: (input) => writeTree(shop, input),
    readTree: () => readTree(folder),
  };
  const handle = async (request: Request): Promise<void> => {
    const answer = answers[request.op] as ((input: unknown) => unknown) | undefined;
    let result: Result<unknown>;
    try {
      result = answer
        ? { ok: true, value: await answer(request.input) }
        : { ok: false, code: 'unknown_operation', message: 'There is no such operation.' };
    } catch (error) {
      result = refusalOf(error);
    }
    say({ id: request.id, ...result });
  };
  let queue = Promise.resolve();
  let warmed = false;
  /** Between requests, so that a first edit finds the compilers loaded: whoever looks at files may edit them next. Most chats never do. */
  const warmSoon = () => {
    if (warmed) return;
    warmed = true;
    setTimeout(() => {
      queue = queue.then(() => shop.syntax.warm()).catch(() => undefined);
    }, 50);
  };
  // As the first process of its namespace it would ignore the signal.
  process.on('SIGTERM', () => process.exit(0));
  createInterface({ input: process.stdin, terminal: false })
    .on('line', (line) => {
      if (line.length > FILE_LIMITS.messageBytes) process.exit(1);
      const request = JSON.parse(line) as Request;
      queue = queue.then(() => handle(request));
      if (LOOKS.has(request.op)) warmSoon();
    })
    .on('close', () => void queue.then(() => process.exit(0)));
  say({ id: 0, ok: true, value: { recovered } });
}

function say(message: { id: number } & Result<unknown>): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

main();
