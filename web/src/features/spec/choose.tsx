/** A labelled choice of one among a few. */
import { useId } from 'react';

interface Props {
  label: string;
  value: string;
  /** labels by value */
  options: Record<string, string>;
  onChange: (value: string) => void;
}

export function Choose({ label, value, options, onChange }: Props) {
  const id = useId();
  return (
    <div className="grid min-w-0 content-start gap-1">
      <label htmlFor={id} className="text-12 font-mid text-ink-2">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-9 min-w-0 rounded-2 border border-line-3 bg-raised px-2 text-15 max-md:h-11"
      >
        {Object.entries(options).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
