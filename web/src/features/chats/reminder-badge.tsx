/** Changes of this chat that the other database may still need: said where one writes, and opened from there. */
import { Diamond } from '../../components/diamond.tsx';

export const ReminderBadge = ({ count, onOpen }: { count: number; onOpen: () => void }) => (
  <button
    type="button"
    aria-haspopup="dialog"
    title="Changes of this chat may still be needed on the other database"
    onClick={onOpen}
    className="inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full bg-remind-soft px-2 text-12 font-mid text-remind-ink hover:underline max-md:h-9"
  >
    <Diamond /> {count}
    {/* beside a preview there is no room for the word, but the mark stands nowhere without it being read */}
    <span className="@min-[480px]:@max-[680px]:sr">{count === 1 ? 'reminder' : 'reminders'}</span>
  </button>
);
