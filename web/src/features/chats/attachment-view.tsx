/** Files and pictures of a conversation, as they stand in it. They are fetched with the person's own right to see them. */
import { useQuery } from '@tanstack/react-query';
import { Download, FileText, MousePointerClick } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { Attachment } from '../../../../contract/attachments.ts';
import type { PickedElement } from '../../../../contract/preview.ts';
import { Button } from '../../components/button.tsx';
import { cx } from '../../components/cx.ts';
import { fileSize } from '../../lib/text.ts';
import { readFile } from './attachments-api.ts';
import { elementPlace, elementTitle } from './element-words.ts';

const useBlob = (id: string) =>
  useQuery({
    queryKey: ['attachment', id],
    queryFn: () => readFile(id),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });

function useUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

/** A picture alone, without words of its own. */
export function Picture({
  attachment,
  className,
  alt = '',
}: {
  attachment: Attachment;
  className: string;
  alt?: string;
}) {
  const { data } = useBlob(attachment.id);
  const url = useUrl(data);
  return url ? (
    <img src={url} alt={alt} className={className} />
  ) : (
    <span aria-hidden="true" className={cx('inline-block min-w-8 bg-hover', className)} />
  );
}

/** What was sent with a message. */
export function Attached({ attachments, element }: { attachments: Attachment[]; element: PickedElement | null }) {
  if (attachments.length === 0 && !element) return null;
  return (
    <ul aria-label="Sent with it" className="mt-2 flex flex-wrap gap-2">
      {element && (
        <li className="flex min-h-9 max-w-full min-w-0 items-center gap-2 rounded-2 border border-line bg-raised px-2.5 py-1">
          <MousePointerClick size={14} strokeWidth={1.75} className="shrink-0 text-accent-ink" aria-hidden="true" />
          <span className="min-w-0 truncate">{elementTitle(element)}</span>
          <code className="min-w-0 truncate text-12 text-ink-3">{elementPlace(element)}</code>
        </li>
      )}
      {attachments.map((attachment) => (
        <li key={attachment.id} className="max-w-full min-w-0">
          {attachment.kind === 'image' ? (
            <PictureButton attachment={attachment} className="max-h-40 max-w-60" />
          ) : (
            <FileButton attachment={attachment} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Pictures that a tool made. */
export const Pictures = ({ pictures }: { pictures: Attachment[] }) => (
  <div className="flex flex-wrap gap-2">
    {pictures.map((picture) => (
      <PictureButton key={picture.id} attachment={picture} className="max-h-80 max-w-full" />
    ))}
  </div>
);

/** A picture that opens in full. */
function PictureButton({ attachment, className }: { attachment: Attachment; className: string }) {
  const [open, setOpen] = useState(false);
  const { data, isError } = useBlob(attachment.id);
  const { name, width, height } = attachment;
  if (isError) return <p className="text-12 text-ink-3">The picture {name} is not there any more.</p>;
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : {};
  return (
    <>
      <button
        type="button"
        aria-label={`Open the picture ${name}`}
        onClick={() => setOpen(true)}
        className="block max-w-full overflow-hidden rounded-2 border border-line bg-surface hover:border-line-3"
      >
        {data ? (
          <Picture attachment={attachment} alt={name} className={cx('block object-contain', className)} />
        ) : (
          <span aria-hidden="true" className={cx('block w-60 bg-hover', className)} style={shape} />
        )}
      </button>
      <Radix.Root open={open} onOpenChange={setOpen}>
        <Radix.Portal>
          <Radix.Overlay className="appear fixed inset-0 z-30 bg-scrim" />
          <Radix.Content className="appear fixed top-1/2 left-1/2 z-40 grid max-h-[94dvh] max-w-[94vw] -translate-x-1/2 -translate-y-1/2 grid-rows-[minmax(0,1fr)_auto] overflow-hidden rounded-4 border border-line-2 bg-raised shadow-3">
            <div className="min-h-0 overflow-auto bg-sunken">
              <Picture attachment={attachment} alt={name} className="block max-w-none max-md:max-w-full" />
            </div>
            <footer className="flex items-center gap-2 border-t border-line bg-surface px-3 py-2">
              <Radix.Title className="min-w-0 flex-1 truncate text-13">{name}</Radix.Title>
              <Radix.Description className="text-12 text-ink-3">
                {width && height ? `${width} × ${height}` : fileSize(attachment.size)}
              </Radix.Description>
              <Radix.Close asChild>
                <Button>Close</Button>
              </Radix.Close>
            </footer>
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </>
  );
}

function FileButton({ attachment }: { attachment: Attachment }) {
  const [problem, setProblem] = useState('');
  const save = async () => {
    setProblem('');
    try {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await readFile(attachment.id));
      link.download = attachment.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch {
      setProblem('It is not there any more.');
    }
  };
  return (
    <button
      type="button"
      onClick={() => void save()}
      className="flex min-h-9 max-w-full min-w-0 items-center gap-2 rounded-2 border border-line bg-raised px-2.5 py-1 text-left hover:bg-hover max-md:min-h-11"
    >
      <FileText size={14} strokeWidth={1.75} className="shrink-0 text-ink-3" aria-hidden="true" />
      <span className="sr">Save the file</span>
      <span className="min-w-0 truncate">{attachment.name}</span>
      <span className="text-12 whitespace-nowrap text-ink-3">{problem || fileSize(attachment.size)}</span>
      <Download size={13} strokeWidth={1.75} className="shrink-0 text-ink-3" aria-hidden="true" />
    </button>
  );
}
