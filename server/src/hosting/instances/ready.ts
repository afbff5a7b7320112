/** Waits until a started instance answers an HTTP request: any status will do, it is the app's own business. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../driver.ts';
import type { InstancePlan } from '../plans.ts';

/** @returns undefined when it answers, else the reason why it does not, in plain words */
export async function waitUntilReady(
  sandbox: Sandbox,
  { socket: socketFile, probe = '/' }: Pick<InstancePlan, 'socket' | 'probe'>,
  timeoutMs: number,
): Promise<string | undefined> {
  const deadline = performance.now() + timeoutMs;
  let ended: string | undefined;
  void sandbox.exited.then((exit) => {
    ended = exit.message;
  });
  while (performance.now() < deadline) {
    const socket = await sandbox.connect(socketFile).catch(() => undefined);
    const answered = socket !== undefined && (await answers(socket, probe, deadline - performance.now()));
    if (answered) return undefined;
    if (ended !== undefined) return ended;
    await sleep(socket ? 100 : 5);
  }
  return `It did not answer within ${Math.round(timeoutMs / 1000)} s.`;
}

async function answers(socket: Socket, path: string, timeoutMs: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const done = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(false), Math.max(1, timeoutMs));
    socket.once('data', (bytes: Buffer) => done(bytes.toString('latin1').startsWith('HTTP/1.')));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n`);
  });
}
