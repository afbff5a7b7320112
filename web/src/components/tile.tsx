/** An app's tile and its tag. The colour belongs to the app and tints nothing else. */
import {
  BookOpen,
  CalendarCheck,
  Clapperboard,
  Dumbbell,
  GraduationCap,
  House,
  LayoutGrid,
  ListChecks,
  Music,
  NotebookPen,
  Package,
  PawPrint,
  Plane,
  Receipt,
  ShoppingCart,
  Sprout,
  Ticket,
  Users,
  Utensils,
} from 'lucide-react';
import { cx } from './cx.ts';

const ICONS = {
  'book-open': BookOpen,
  'calendar-check': CalendarCheck,
  clapperboard: Clapperboard,
  dumbbell: Dumbbell,
  'graduation-cap': GraduationCap,
  house: House,
  'layout-grid': LayoutGrid,
  'list-checks': ListChecks,
  music: Music,
  'notebook-pen': NotebookPen,
  package: Package,
  'paw-print': PawPrint,
  plane: Plane,
  receipt: Receipt,
  'shopping-cart': ShoppingCart,
  sprout: Sprout,
  ticket: Ticket,
  users: Users,
  utensils: Utensils,
};

interface App {
  colour: string;
  icon: string;
}

export function Tile({ app, size = 'small' }: { app: App; size?: 'small' | 'large' }) {
  const Icon = ICONS[app.icon as keyof typeof ICONS] ?? LayoutGrid;
  const large = size === 'large';
  return (
    <span
      aria-hidden="true"
      className={cx(
        'grid shrink-0 place-items-center text-white',
        large ? 'h-10 w-10 rounded-[10px]' : 'h-5 w-5 rounded-2',
      )}
      style={{ background: `var(--app-${app.colour})` }}
    >
      <Icon size={large ? 21 : 12} strokeWidth={large ? 1.75 : 2} />
    </span>
  );
}

export const AppTag = ({ app }: { app: { name: string; colour: string } }) => (
  <span className="inline-flex min-w-0 items-center gap-1.5 text-12 text-ink-3">
    <span className="h-2 w-2 shrink-0 rounded-[2px]" style={{ background: `var(--app-${app.colour})` }} />
    <span className="truncate">{app.name}</span>
  </span>
);
