/** One container from its creation to its removal, as the process tree that it is. */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Identity, identify, isAlive } from '../linux/processes.ts';
import type { Tree, TreeEnd } from '../linux/sandbox.ts';
import type { EngineClient } from './client.ts';
import { splitStreams } from './streams.ts';

/** `env` tells by these that it never became the command. */
const ENV_FAILED = [125, 126, 127];
const LAST_WORDS = 2_000;

/**
 * Starts a created container, attached before its first word.
 * @param user whose processes are the container's
 */
export async function startContainer(
  client: EngineClient,
  id: string,
  withStdin: boolean,
  user: number,
): Promise<Tree> {
  const connection = await client.attach(id, withStdin);
  const { stdout, stderr, ended: said, open } = splitStreams(connection);
  let lastWords = '';
  stderr.on('data', (chunk: Buffer | string) => {
    lastWords = (lastWords + String(chunk)).slice(-LAST_WORDS);
  });
  await client.call('POST', `/containers/${id}/start`);
  const { Pid } = await stateOf(client, id);
  const first = firstProcess(id, Pid, user);
  // Whoever asked for it listens by then.
  setImmediate(open);
  return {
    stdin: withStdin ? connection : null,
    stdout,
    stderr,
    first: Promise.resolve(first),
    isInside: (one) => belongsTo(id, one.pid) && hasOwnRoot(one.pid),
    kill: () => void client.call('POST', `/containers/${id}/kill`).catch(() => undefined),
    ended: waitForEnd(client, id, said, first, () => lastWords),
  };
}

interface State {
  Pid: number;
  Running: boolean;
  Status: string;
  ExitCode: number;
  OOMKilled?: boolean;
}

async function stateOf(client: EngineClient, id: string): Promise<State> {
  return (await client.call<{ State: State }>('GET', `/containers/${id}/json`)).State;
}

/** An engine in another pid namespace names processes that are not ours to look at: the control group tells. */
function firstProcess(id: string, pid: number, user: number): Identity | undefined {
  try {
    if (pid > 0 && belongsTo(id, pid) && statSync(`/proc/${pid}`).uid === user) return identify(pid);
  } catch {
    // It ended already.
  }
  return undefined;
}

function belongsTo(id: string, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  } catch {
    return false;
  }
}

function hasOwnRoot(pid: number): boolean {
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/root`), statSync('/')];
    return theirs.dev !== ours.dev || theirs.ino !== ours.ino;
  } catch {
    return false;
  }
}

/** 128 and SIGKILL */
const KILLED = 137;

/** The connection ends with the last writer, mostly a moment before the engine knows; Podman's own `wait` looks four times a second. */
async function waitForEnd(
  client: EngineClient,
  id: string,
  said: Promise<void>,
  first: Identity | undefined,
  lastWords: () => string,
): Promise<TreeEnd> {
  await Promise.race([said, client.call('POST', `/containers/${id}/wait`).catch(async () => await gone(first))]);
  let code: number | null = null;
  let outOfMemory = false;
  for (let pause = 5; ; pause = Math.min(pause * 2, 200)) {
    const state = await stateOf(client, id).catch(() => undefined);
    if (state && !state.Running && state.Status !== 'created' && state.Status !== 'stopping') {
      code = state.ExitCode;
      // Podman loses the kernel's word when the end comes at once. Nobody inside can kill a container's first process, and what we end has a
      // reason of its own: who else sends SIGKILL is the kernel, for want of memory
      outOfMemory = state.OOMKilled === true || code === KILLED;
      break;
    }
    // No answer and no process: that is all that will be known.
    if (!state && !(first && isAlive(first))) break;
    await sleep(pause);
  }
  await Promise.race([said, sleep(2_000, undefined, { ref: false })]);
  const begun = !(code !== null && ENV_FAILED.includes(code) && /^(\/bin\/)?env: /m.test(lastWords()));
  return { code, signal: null, begun, outOfMemory };
}

async function gone(first: Identity | undefined): Promise<void> {
  while (first && isAlive(first)) await sleep(200);
}
