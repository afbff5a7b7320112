/** That an answer came from live, or changed it: said beside the answer, also when the turn is folded. */
import { Radio } from 'lucide-react';
import { cx } from '../../components/cx.ts';
import type { Turn } from './projection.ts';
import { isSqlDetail } from './sql-step.tsx';

/** What a turn did on live; null: nothing, and it was not asked either. */
export function onLive({ items }: Pick<Turn, 'items'>): 'read' | 'changed' | null {
  let found: 'read' | 'changed' | null = null;
  for (const item of items) {
    if (item.kind !== 'step' || item.state !== 'done') continue;
    if (item.tool === 'apply_to_live') return 'changed';
    if (item.tool !== 'supabase_router' || !isSqlDetail(item.detail) || item.detail.database !== 'live') continue;
    if (typeof item.detail.affected === 'number') return 'changed';
    found = 'read';
  }
  return found;
}

export function OnLive({ turn, className }: { turn: Turn; className?: string }) {
  const what = onLive(turn);
  return (
    what && (
      <span className={cx('inline-flex shrink-0 items-center gap-1 text-12 font-mid text-live-ink', className)}>
        <Radio size={12} strokeWidth={1.75} aria-hidden="true" /> {what === 'read' ? 'From live' : 'Changed live'}
      </span>
    )
  );
}
