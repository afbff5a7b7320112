/** The choices of a field: renamed in place (rows keep theirs), added, removed and put in order. */
import { ArrowUp, Plus, X } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../../components/button.tsx';

export interface ChoiceLine {
  key: string;
  /** left out: a new one */
  id?: string | undefined;
  label: string;
}

interface Props {
  lines: ChoiceLine[];
  onChange: (lines: ChoiceLine[]) => void;
}

export function ChoiceEditor({ lines, onChange }: Props) {
  // what was just added is written into next
  const added = useRef<string>(undefined);
  const add = () => {
    added.current = crypto.randomUUID();
    onChange([...lines, { key: added.current, label: '' }]);
  };
  const up = (index: number) => {
    const next = [...lines];
    next.splice(index - 1, 0, ...next.splice(index, 1));
    onChange(next);
  };
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-12 font-mid text-ink-2">Choices</legend>
      {lines.map((line, index) => (
        <div key={line.key} className="flex items-center gap-1">
          <input
            autoFocus={line.key === added.current}
            aria-label={`Choice ${index + 1}`}
            value={line.label}
            maxLength={60}
            onChange={(event) =>
              onChange(lines.map((one) => (one === line ? { ...one, label: event.target.value } : one)))
            }
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
            className="h-8 min-w-0 flex-1 rounded-2 border border-line-3 bg-raised px-2 max-md:h-11"
          />
          <Button
            look="bare"
            size="icon"
            aria-label={`Move ${line.label || 'this choice'} up`}
            disabled={index === 0}
            onClick={() => up(index)}
          >
            <ArrowUp size={14} aria-hidden="true" />
          </Button>
          <Button
            look="bare"
            size="icon"
            aria-label={`Remove ${line.label || 'this choice'}`}
            onClick={() => onChange(lines.filter((one) => one !== line))}
          >
            <X size={14} aria-hidden="true" />
          </Button>
        </div>
      ))}
      <div>
        <Button look="bare" onClick={add}>
          <Plus size={14} aria-hidden="true" /> Add a choice
        </Button>
      </div>
    </fieldset>
  );
}
