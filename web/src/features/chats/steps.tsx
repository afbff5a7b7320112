/** Tool steps fold into one sentence with the time; only a refusal or failure opens by itself. */
import {
  ChevronRight,
  Database,
  FilePenLine,
  ListChecks,
  ScanEye,
  Search,
  ShieldX,
  TriangleAlert,
  Wrench,
  X,
} from 'lucide-react';
import { Fragment } from 'react';
import { lineOfStep } from '../../../../contract/step-words.ts';
import { cx } from '../../components/cx.ts';
import { Dot } from '../../components/dot.tsx';
import { seconds } from '../../lib/text.ts';
import type { Step } from './projection.ts';
import { isSchemaDetail, SchemaStep } from './schema-step.tsx';
import { isSqlDetail, SqlStep } from './sql-step.tsx';

const ICONS: Record<string, typeof Search> = {
  modify_code_files_vibe: FilePenLine,
  change_spec: FilePenLine,
  supabase_router: Database,
  supabase_utilities: Database,
  create_app: FilePenLine,
  run_checks: ListChecks,
  visual_check: ScanEye,
};

export function Steps({ steps }: { steps: Step[] }) {
  const total = steps.reduce((sum, step) => sum + step.ms, 0);
  const running = steps.find((step) => step.state === 'running');
  const odd = steps.some((step) => step.state !== 'done' && step.state !== 'running');
  return (
    <details open={odd} className="group text-ink-2">
      <summary className="flex min-h-7 cursor-pointer list-none items-center gap-2 rounded-2 max-md:min-h-9 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          size={14}
          className="shrink-0 text-ink-3 transition-transform duration-[90ms] group-open:rotate-90"
          aria-hidden="true"
        />
        {running && <Dot state="working" quiet />}
        <span className="min-w-0 truncate">{running ? running.title : sentence(steps)}</span>
        {!running && <span className="ml-auto pl-2 text-12 whitespace-nowrap text-ink-3">{seconds(total)}</span>}
      </summary>
      <ul>
        {steps.map((step) => (
          <Fragment key={step.callId}>
            <StepLine step={step} />
            {step.tool === 'supabase_router' && isSqlDetail(step.detail) && (
              <li>
                <SqlStep detail={step.detail} />
              </li>
            )}
            {step.tool === 'supabase_utilities' && isSchemaDetail(step.detail) && (
              <li>
                <SchemaStep effects={step.detail.effects} />
              </li>
            )}
          </Fragment>
        ))}
      </ul>
    </details>
  );
}

function StepLine({ step }: { step: Step }) {
  const refused = step.state === 'refused';
  const Icon = refused
    ? step.declined
      ? X
      : ShieldX
    : step.state === 'failed' || step.state === 'unknown'
      ? TriangleAlert
      : (ICONS[step.tool] ??
        (step.tool.startsWith('read') || step.tool.startsWith('list') || step.tool.startsWith('search')
          ? Search
          : Wrench));
  return (
    <li className="ml-[7px] flex min-h-[26px] min-w-0 items-start gap-2 border-l border-line-2 py-0.5 pl-[9px]">
      <Icon size={14} strokeWidth={1.75} className={cx('mt-0.5 shrink-0 text-ink-3')} aria-hidden="true" />
      <span className="min-w-0 [overflow-wrap:anywhere]">{lineOfStep(step)}</span>
      <span className="ml-auto pl-2 text-12 whitespace-nowrap text-ink-3">{seconds(step.ms)}</span>
    </li>
  );
}

/** "Read 3 files, changed the spec" */
function sentence(steps: Step[]): string {
  if (steps.length === 1) return steps[0]!.declined ? inShort(steps[0]!) : steps[0]!.summary;
  const reads = steps.filter((step) => /^(read|list|search)/.test(step.tool)).length;
  const rest = steps.filter((step) => !/^(read|list|search)/.test(step.tool));
  const parts = [
    reads ? `Looked at ${reads === 1 ? 'one thing' : `${reads} things`}` : '',
    ...rest.map(inShort),
  ].filter(Boolean);
  const [first, ...others] = parts;
  return [first, ...others.map(small)].join(', ');
}

const small = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
/** Of what a person said no to, who did is said on its own line. */
const inShort = ({ declined, title, summary }: Step): string =>
  declined ? `Not done: ${small(title)}` : summary.split('. ')[0]!;
