/**
 * The command line that turns this process's rights into a sandbox's. As root: a private mount namespace, in which every source
 * is bound under a folder that anybody may traverse (a clone may lie in a 0700 home), writable ones change hands, then the user
 * id is dropped; what follows (`inner`) makes the namespaces and is the driver's own. As a normal user it alone does it. Control
 * groups are joined first, while we may.
 */
import { readFileSync } from 'node:fs';
import type { SandboxLimits } from '../../driver.ts';

export interface LaunchPlan {
  filter: string;
  /** Files to write `0` to. */
  entrances: string[];
  /** Undefined when we are not root: then `sources` are used as they are. */
  root?: { uid: number; staging: string };
  sources: { path: string; give: boolean }[];
  limits: SandboxLimits;
  /** Hard limits of this process: a child cannot have more. */
  ceilings: { openFiles: number; processes: number };
  /** RLIMIT_DATA, where no control group counts memory. */
  dataMb?: number;
  /** What makes the namespaces and runs the command. */
  inner: string[];
}

/** Descriptors: the report, and the words that say what the inside is made of. The filter is opened as 9. */
export const REPORT_FD = 3;
export const ARGS_FD = 4;
export const FILTER_FD = 9;

const JOIN = `filter=$1; n=$2; shift 2
while [ "$n" -gt 0 ]; do echo 0 > "$1"; shift; n=$((n-1)); done
`;
// $1 staging, $2 user, $3 count, then pairs of (give, source). A tmpfs in our own namespace: it vanishes with us.
const STAGE = `stage=$1; user=$2; n=$3; shift 3; i=0
mount -t tmpfs -o mode=0711,size=1m,nosuid tmpfs "$stage"
mkdir "$stage/root"
while [ "$i" -lt "$n" ]; do
  if [ -d "$2" ]; then mkdir "$stage/$i"; else : > "$stage/$i"; fi
  mount --bind "$2" "$stage/$i"
  if [ "$1" = 1 ]; then chown -R -h -P "$user:$user" "$stage/$i"; fi
  shift 2; i=$((i+1))
done
`;
const GO = `exec "$@" ${FILTER_FD}<"$filter"\n`;

/** An empty folder on which the inside can be built, once staged. */
export const STAGED_ROOT = 'root';

/** Where source number `index` is once staged. */
export function stagedPath(staging: string, index: number): string {
  return `${staging}/${index}`;
}

/** Program and arguments for `spawn`. */
export function launchCommand(plan: LaunchPlan): [string, string[]] {
  const join = [plan.filter, String(plan.entrances.length), ...plan.entrances];
  if (!plan.root) {
    return ['sh', ['-c', `set -eu\n${JOIN}${GO}`, 'sh', ...join, ...prlimit(plan, false), ...plan.inner]];
  }
  const { uid, staging } = plan.root;
  const drop = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--inh-caps=-all', '--no-new-privs'];
  const staged = plan.sources.flatMap(({ path, give }) => [give ? '1' : '0', path]);
  const stage = [staging, String(uid), String(plan.sources.length), ...staged];
  const script = ['sh', '-c', `set -eu\n${JOIN}${STAGE}${GO}`, 'sh', ...join, ...stage];
  const chain = [...script, ...prlimit(plan, true), ...drop, '--pdeathsig', 'KILL', ...plan.inner];
  return ['unshare', ['--mount', '--propagation', 'private', '--', ...chain]];
}

/** With a user of its own RLIMIT_NPROC counts that user; with a shared one it would count the person's whole session. */
function prlimit(plan: LaunchPlan, ownUser: boolean): string[] {
  const { limits, ceilings } = plan;
  const both = (name: string, value: number) => `--${name}=${value}:${value}`;
  const processes = Math.min(limits.processes + 2, ceilings.processes);
  return [
    'prlimit',
    both('core', 0),
    both('nofile', Math.min(limits.openFiles, ceilings.openFiles)),
    both('fsize', limits.fileSizeMb * 1024 * 1024),
    ...(ownUser ? [both('nproc', processes)] : []),
    ...(plan.dataMb ? [both('data', plan.dataMb * 1024 * 1024)] : []),
  ];
}

/** A process without CAP_SYS_RESOURCE cannot give a child more than it has itself. */
export function ownCeilings(): LaunchPlan['ceilings'] {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = (label: string) => {
    const word = new RegExp(`^${label}\\s+\\S+\\s+(\\S+)`, 'm').exec(limits)?.[1];
    return word === undefined || word === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(word);
  };
  return { openFiles: hard('Max open files'), processes: hard('Max processes') };
}
