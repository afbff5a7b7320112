/** All keys on one sheet, shown by `?`. */
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
const MOD = apple ? '⌘' : 'Ctrl';

const MAP: { name: string; rows: [keys: string[], what: string][] }[] = [
  {
    name: 'Everywhere',
    rows: [
      [[MOD, 'K'], 'Find or do anything'],
      [['N'], 'New chat'],
      [['/'], 'Search'],
      [['G', 'A'], 'Go to apps'],
      [['G', 'C'], 'Go to chats'],
      [['G', 'B'], 'Go to data'],
      [['G', 'S'], 'Go to settings'],
      [['J'], 'Next row of a list'],
      [['K'], 'Row before'],
      [['?'], 'This sheet'],
    ],
  },
  {
    name: 'In a chat',
    rows: [
      [['C'], 'Write a message'],
      [['P'], 'Plan first, or build'],
      [['U'], 'Undo the last turn'],
      [['R'], 'Redo it'],
      [['Esc'], 'Stop the turn'],
      [['['], 'Fold the list of chats'],
      [[']'], 'Fold the preview'],
    ],
  },
  {
    name: 'While you write',
    rows: [
      [['↵'], 'Send or answer; during a turn it waits'],
      [[MOD, '↵'], 'The same'],
      [['Shift', '↵'], 'A new line'],
      [['Esc'], 'Stop the turn; what you wrote stays'],
    ],
  },
];

export default function KeyboardMap({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Keyboard"
      text="Nothing needs a mouse. Keys of one letter rest while you type."
      actions={<Button onClick={onClose}>Close</Button>}
    >
      <div className="grid gap-4 pt-1">
        {MAP.map((group) => (
          <section key={group.name} aria-label={group.name}>
            <h3 className="pb-1 text-12 font-strong tracking-normal text-ink-3">{group.name}</h3>
            <dl>
              {group.rows.map(([keys, what]) => (
                <div key={what} className="flex min-h-7 items-center justify-between gap-3 border-t border-line">
                  <dt className="order-2 flex gap-1">
                    {keys.map((key) => (
                      <kbd
                        key={key}
                        className="min-w-5 rounded-1 border border-line-2 px-1 text-center font-mono text-11 leading-4 text-ink-2"
                      >
                        {key}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
