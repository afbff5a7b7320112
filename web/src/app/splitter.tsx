/** Two panes that share the width; the split can be dragged or moved by the arrow keys, and is remembered. */
import { type ReactNode, useRef, useState } from 'react';

const KEY = 'vibe-split';
const SMALLEST = 400;

export function Splitter({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [share, setShare] = useState(() => Number(localStorage.getItem(KEY)) || 0.5);
  const [dragging, setDragging] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const move = (next: number) => {
    const width = box.current?.clientWidth ?? 1000;
    const least = Math.min(0.5, SMALLEST / width);
    const kept = Math.min(1 - least, Math.max(least, next));
    setShare(kept);
    localStorage.setItem(KEY, String(kept));
  };
  return (
    <div
      ref={box}
      className="grid min-w-0 flex-1"
      style={{ gridTemplateColumns: `minmax(0, ${share}fr) 1px minmax(0, ${1 - share}fr)` }}
    >
      <div className="min-h-0 min-w-0 overflow-hidden">{left}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved */}
      <div
        role="separator"
        aria-label="Width of the chat"
        aria-orientation="vertical"
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        tabIndex={0}
        className="relative z-10 cursor-col-resize bg-line after:absolute after:inset-y-0 after:-left-1 after:w-2.5 hover:bg-line-3"
        onKeyDown={(event) => {
          if (event.key === 'ArrowLeft') move(share - 0.03);
          if (event.key === 'ArrowRight') move(share + 0.03);
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragging(true);
        }}
        onPointerMove={(event) => {
          const rect = box.current?.getBoundingClientRect();
          if (dragging && rect) move((event.clientX - rect.left) / rect.width);
        }}
        onPointerUp={() => setDragging(false)}
      />
      <div className="min-h-0 min-w-0 overflow-hidden" style={dragging ? { pointerEvents: 'none' } : undefined}>
        {right}
      </div>
    </div>
  );
}
