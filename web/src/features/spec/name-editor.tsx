/** A heading that can be renamed in place: by one name, or by what one and several of them are called. */
import { Pencil } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';

interface Props {
  level: 2 | 3;
  heading: string;
  /** what the button renames: "the app", "the list Books" */
  what: string;
  /** the names with their labels */
  names: { label: string; value: string }[];
  onRename: (names: string[]) => Promise<boolean>;
}

export function NameEditor({ level, heading, what, names, onRename }: Props) {
  const [typed, setTyped] = useState<string[]>();
  const Heading = level === 2 ? 'h2' : 'h3';
  if (!typed)
    return (
      <div className="flex min-w-0 items-center gap-1">
        <Heading className={level === 2 ? 'truncate text-18' : 'truncate text-15'}>{heading}</Heading>
        <Button
          look="bare"
          size="icon"
          aria-label={`Rename ${what}`}
          onClick={() => setTyped(names.map(({ value }) => value))}
        >
          <Pencil size={13} aria-hidden="true" />
        </Button>
      </div>
    );
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const same = typed.every((text, index) => text.trim() === '' || text === names[index]!.value);
    if (same || (await onRename(typed.map((text, index) => text.trim() || names[index]!.value)))) setTyped(undefined);
  };
  return (
    <form onSubmit={save} className="flex min-w-0 flex-wrap items-end gap-2">
      {names.map(({ label }, index) => (
        <label key={label} className="grid min-w-32 flex-1 gap-1 text-12 font-mid text-ink-2">
          {label}
          <input
            autoFocus={index === 0}
            value={typed[index]}
            maxLength={60}
            onChange={(event) => setTyped(typed.map((text, at) => (at === index ? event.target.value : text)))}
            onKeyDown={(event) => event.key === 'Escape' && setTyped(undefined)}
            className="h-8 min-w-0 rounded-2 border border-line-3 bg-raised px-2 text-15 font-book text-ink max-md:h-11"
          />
        </label>
      ))}
      <Button type="submit">Rename</Button>
      <Button look="bare" onClick={() => setTyped(undefined)}>
        Leave it
      </Button>
    </form>
  );
}
