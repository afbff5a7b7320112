/** In which container one is, and the way into another. Only who has several sees it. */
import { useNavigate } from '@tanstack/react-router';
import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useMe, useSession } from './session.tsx';

const ITEM =
  'flex min-h-[34px] items-center gap-2.5 rounded-2 px-2 outline-none data-[highlighted]:bg-hover max-md:min-h-11';

export function ContainerMenu({ onNew }: { onNew: (() => void) | undefined }) {
  const { containers } = useMe();
  const { visit } = useSession();
  const navigate = useNavigate();
  const here = containers[0]!;
  const sorted = [...containers].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="flex h-8 min-w-0 items-center gap-1 rounded-2 px-1.5 font-strong hover:bg-hover max-md:h-11">
        <span className="sr">Container: </span>
        <span className="max-w-48 truncate max-md:max-w-24">{here.name}</span>
        <ChevronsUpDown size={13} className="shrink-0 text-ink-3" aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          sideOffset={4}
          className="appear z-40 max-h-[70vh] w-64 overflow-y-auto rounded-3 border border-line-2 bg-raised p-1 shadow-2"
        >
          <DropdownMenu.RadioGroup
            value={here.id}
            onValueChange={(id) => id !== here.id && void navigate({ to: '/' }).then(() => visit(id))}
          >
            {sorted.map((container) => (
              <DropdownMenu.RadioItem key={container.id} value={container.id} className={ITEM}>
                <span className="grid min-w-0 flex-1 py-1">
                  <span className="truncate">{container.name}</span>
                  <span className="truncate text-12 text-ink-3">
                    {container.state === 'preparing' ? 'Being made…' : container.slug}
                  </span>
                </span>
                <DropdownMenu.ItemIndicator>
                  <Check size={14} aria-hidden="true" />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          {onNew && (
            <>
              <DropdownMenu.Separator className="my-1 h-px bg-line" />
              <DropdownMenu.Item className={ITEM} onSelect={onNew}>
                <Plus size={14} aria-hidden="true" /> New container
              </DropdownMenu.Item>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
