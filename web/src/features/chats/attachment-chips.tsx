/** What goes with the message that is being written: files, pictures, and the element that the person points at. Each can be removed. */
import { FileText, MousePointerClick, Paperclip, X } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, useRef, useState } from 'react';
import type { Attachment } from '../../../../contract/attachments.ts';
import type { PickedElement } from '../../../../contract/preview.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { Dot } from '../../components/dot.tsx';
import { fileSize } from '../../lib/text.ts';
import { Picture } from './attachment-view.tsx';
import { elementPlace, elementTitle } from './element-words.ts';
import type { PendingFiles } from './use-attachments.ts';

export interface Pointed {
  element: PickedElement;
  /** undefined: it is being taken; null: there is none */
  picture: Attachment | null | undefined;
}

export function AttachButton({ files }: { files: PendingFiles }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        look="bare"
        size="icon"
        aria-label="Attach files"
        title="Attach pictures or files; you can also paste them or drop them here"
        onClick={() => input.current?.click()}
      >
        <Paperclip size={15} strokeWidth={1.75} aria-hidden="true" />
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files to attach"
        className="sr"
        onChange={(event) => {
          files.add(event.target.files ?? []);
          event.target.value = '';
        }}
      />
    </>
  );
}

/** Handlers for whatever takes pasted and dropped files, and whether some hover over it. */
export function useDrop(files: PendingFiles) {
  const [over, setOver] = useState(false);
  const carries = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return {
    over,
    handlers: {
      onPaste: (event: ClipboardEvent) => {
        const pasted = [...event.clipboardData.files];
        if (pasted.length === 0) return;
        event.preventDefault();
        files.add(pasted);
      },
      onDragOver: (event: DragEvent) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(false);
        files.add(event.dataTransfer.files);
      },
    },
  };
}

interface ChipsProps {
  files: PendingFiles;
  pointed?: Pointed | undefined;
  onUnpoint?: () => void;
  /** why the model will make nothing of them */
  note?: string | undefined;
}

export function AttachmentChips({ files, pointed, onUnpoint, note }: ChipsProps) {
  if (files.files.length === 0 && !pointed && !files.problem) return null;
  return (
    <div className="grid gap-1.5 px-2.5 pt-2.5">
      <ul aria-label="Goes with the message" className="flex flex-wrap gap-1.5">
        {pointed && (
          <li className="flex h-11 max-w-full min-w-0 items-center gap-2 rounded-2 border border-accent-line bg-accent-soft py-1 pr-1 pl-1.5">
            {pointed.picture ? (
              <Picture
                attachment={pointed.picture}
                className="h-8 max-w-20 rounded-1 border border-line object-cover"
              />
            ) : (
              <MousePointerClick
                size={15}
                strokeWidth={1.75}
                className="mx-1 shrink-0 text-accent-ink"
                aria-hidden="true"
              />
            )}
            <span className="min-w-0 leading-4">
              <span className="block truncate font-mid">{elementTitle(pointed.element)}</span>
              <span className="block truncate text-12 text-ink-2">{elementPlace(pointed.element)}</span>
            </span>
            {pointed.picture === undefined && <Dot state="working" quiet />}
            <RemoveButton name={elementTitle(pointed.element)} onClick={() => onUnpoint?.()} />
          </li>
        )}
        {files.files.map((file) => (
          <li
            key={file.key}
            className={cx(
              'flex h-11 max-w-full min-w-0 items-center gap-2 rounded-2 border py-1 pr-1 pl-1.5',
              file.problem ? 'border-bad/40 bg-bad-soft' : 'border-line-2 bg-surface',
            )}
          >
            {file.url ? (
              <img src={file.url} alt="" className="h-8 w-8 shrink-0 rounded-1 border border-line object-cover" />
            ) : file.attachment?.kind === 'image' ? (
              <Picture attachment={file.attachment} className="h-8 w-8 rounded-1 border border-line object-cover" />
            ) : (
              <FileText size={16} strokeWidth={1.75} className="mx-1 shrink-0 text-ink-3" aria-hidden="true" />
            )}
            <span className="min-w-0 leading-4">
              <span className="block max-w-44 truncate font-mid">{file.name}</span>
              <span className={cx('block text-12', file.problem ? 'text-bad-ink' : 'text-ink-3')}>
                {file.problem || (file.attachment ? fileSize(file.attachment.size) : 'Uploading…')}
              </span>
            </span>
            <RemoveButton name={file.name} onClick={() => files.remove(file.key)} />
          </li>
        ))}
      </ul>
      {files.problem && (
        <p role="alert" className="text-12 text-bad-ink">
          {files.problem}
        </p>
      )}
      {note && files.files.length > 0 && <p className="text-12 text-ink-2">{note}</p>}
    </div>
  );
}

const RemoveButton = ({ name, onClick }: { name: string; onClick: () => void }) => (
  <Button look="bare" size="icon" aria-label={`Remove ${name}`} title="Remove" onClick={onClick}>
    <X size={13} aria-hidden="true" />
  </Button>
);
