/** One short line about what was just done, with the way back. Never for errors. */
import { createContext, type ReactNode, use, useCallback, useRef, useState } from 'react';

interface Toast {
  text: string;
  action?: { name: string; run: () => void };
}
const ToastContext = createContext<(toast: Toast | undefined) => void>(() => {});
export const useToast = () => use(ToastContext);

export function Toasts({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const show = useCallback((next: Toast | undefined) => {
    clearTimeout(timer.current);
    setToast(next);
    if (next) timer.current = setTimeout(() => setToast(undefined), 8000);
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      <div
        role="status"
        className="pointer-events-none fixed right-0 bottom-4 z-50 grid place-items-center px-4 max-md:inset-x-0 max-md:bottom-40"
      >
        {toast && (
          <div className="appear pointer-events-auto flex max-w-full items-center gap-3 rounded-3 bg-ink py-2 pr-2 pl-3.5 text-ink-inverse shadow-2">
            <span className={toast.action ? undefined : 'pr-1.5'}>{toast.text}</span>
            {toast.action && (
              <button
                type="button"
                className="rounded-2 px-2 py-1 font-strong"
                onClick={() => {
                  setToast(undefined);
                  toast.action?.run();
                }}
              >
                {toast.action.name}
              </button>
            )}
          </div>
        )}
      </div>
    </ToastContext>
  );
}
