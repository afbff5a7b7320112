/** On a phone a chat and its preview are two tabs; both stay there, so that going back and forth loses nothing. */
import type { ReactNode } from 'react';
import { cx } from '../../components/cx.ts';

export type PhoneTab = 'chat' | 'preview';

interface Props {
  tab: PhoneTab;
  onTab: (tab: PhoneTab) => void;
  chat: ReactNode;
  preview: ReactNode;
}

export function PhonePanes({ tab, onTab, chat, preview }: Props) {
  return (
    <div className="flex h-full min-w-0 flex-1 flex-col">
      <div role="tablist" aria-label="Panes" className="flex h-11 shrink-0 border-b border-line bg-bg">
        {(['chat', 'preview'] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls={`pane-${name}`}
            onClick={() => onTab(name)}
            className={cx(
              'flex-1 border-b-2 font-mid capitalize',
              tab === name ? 'border-ink' : 'border-transparent text-ink-3',
            )}
          >
            {name}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id="pane-chat"
        aria-labelledby="tab-chat"
        className={cx('min-h-0 flex-1', tab !== 'chat' && 'hidden')}
      >
        {chat}
      </div>
      <div
        role="tabpanel"
        id="pane-preview"
        aria-labelledby="tab-preview"
        className={cx('min-h-0 flex-1', tab !== 'preview' && 'hidden')}
      >
        {preview}
      </div>
    </div>
  );
}
