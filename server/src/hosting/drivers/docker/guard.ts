/**
 * Containers are children of the engine, so they would outlive a host that is killed. A shell of a few kilobytes holds a pipe from us and
 * knows the first process of each container; when the pipe closes, it ends those that are still the same.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { coverInherited, findInherited, type Inherited } from '../linux/inherited.ts';
import type { Identity } from '../linux/processes.ts';

/** Lines `+ pid birth` and `- pid birth`; birth is the 22nd field of stat, the 20th after the name. */
const SCRIPT = `living=' '
while read -r sign pid birth; do
  case $sign in
    +) living="$living$pid:$birth " ;;
    -) living="\${living%% $pid:$birth *} \${living#* $pid:$birth }" ;;
  esac
done
for one in $living; do
  read -r stat < "/proc/\${one%%:*}/stat" || continue
  set -- \${stat##*) }
  [ "\${20}" = "\${one#*:}" ] && kill -9 "\${one%%:*}"
done`;

export class Guard {
  readonly #inherited: Inherited = findInherited();
  #shell: ChildProcess | undefined;
  readonly #living = new Map<number, Identity>();

  add(first: Identity): void {
    this.#living.set(first.pid, first);
    this.#say('+', first);
  }

  remove(first: Identity): void {
    this.#living.delete(first.pid);
    this.#say('-', first);
  }

  #say(sign: '+' | '-', { pid, startTime }: Identity): void {
    this.#started().stdin?.write(`${sign} ${pid} ${startTime}\n`);
  }

  #started(): ChildProcess {
    if (this.#shell && this.#shell.exitCode === null && this.#shell.signalCode === null) return this.#shell;
    const stdio = coverInherited(['pipe', 'ignore', 'ignore'], this.#inherited);
    const shell = spawn('sh', ['-c', SCRIPT, 'vibe-guard'], {
      stdio,
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    });
    shell.on('error', () => undefined);
    shell.stdin?.on('error', () => undefined);
    // It must not keep us alive; that we live is what it waits for.
    shell.unref();
    (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    this.#shell = shell;
    // After the end of an earlier shell: all that it knew.
    for (const { pid, startTime } of this.#living.values()) shell.stdin?.write(`+ ${pid} ${startTime}\n`);
    return shell;
  }
}
