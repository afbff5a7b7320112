/** A dialog that asks for one decision. */
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** left out: what is in it has its own */
  actions?: ReactNode;
}

export function Dialog({ open, onClose, title, text, children, actions }: Props) {
  const trigger = useRef<HTMLElement>(null);
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="appear fixed inset-0 z-30 bg-scrim" />
        <Radix.Content
          onOpenAutoFocus={() => {
            trigger.current = menuButton();
          }}
          onCloseAutoFocus={(event) => {
            if (!trigger.current?.isConnected) return;
            event.preventDefault();
            trigger.current.focus();
          }}
          className="appear fixed top-[14vh] left-1/2 z-40 max-h-[80vh] w-[min(520px,calc(100vw-32px))] -translate-x-1/2 overflow-auto rounded-4 border border-line-2 bg-raised shadow-3"
        >
          <div className="grid gap-2 p-5">
            <Radix.Title className="text-18">{title}</Radix.Title>
            {text ? (
              <Radix.Description className="text-13 text-ink-2">{text}</Radix.Description>
            ) : (
              <Radix.Description className="sr">{title}</Radix.Description>
            )}
            {children}
          </div>
          {actions && (
            <footer className="sticky bottom-0 flex flex-wrap justify-end gap-2 border-t border-line bg-surface px-5 py-3">
              {actions}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A menu in which this was chosen is gone when the dialog closes: the focus then goes back to the button that opened the menu. */
const menuButton = (): HTMLElement | null => {
  const menu = document.activeElement?.closest('[role=menu]');
  return menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : null;
};
