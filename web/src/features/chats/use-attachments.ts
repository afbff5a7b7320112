/** The files of a message that is being written: uploaded as soon as they are added, so that sending waits for nothing. */
import { useEffect, useRef, useState } from 'react';
import { LARGEST, MOST_ATTACHMENTS } from '../../../../contract/attachment-limits.ts';
import type { Attachment } from '../../../../contract/attachments.ts';
import { sentenceOf } from '../../lib/api.ts';
import { removeFile, uploadFile } from './attachments-api.ts';

export interface Pending {
  key: string;
  name: string;
  size: number;
  /** undefined while it is uploaded */
  attachment: Attachment | undefined;
  problem: string;
  /** of a picture */
  url: string | undefined;
}

export interface PendingFiles {
  files: Pending[];
  problem: string;
  busy: boolean;
  ready: Attachment[];
  add: (files: Iterable<File>) => void;
  remove: (key: string) => void;
  /** they were sent */
  clear: () => void;
  /** files of a message that was taken back, or could not be sent */
  restore: (attachments: Attachment[]) => void;
}

/** @param chatId undefined: the chat does not exist yet */
export function useAttachments(chatId: string | undefined): PendingFiles {
  const [files, setFiles] = useState<Pending[]>(() => waiting(chatId).map(asPending));
  const [problem, setProblem] = useState('');
  const urls = useRef(new Set<string>());
  useEffect(
    () => () => {
      for (const url of urls.current) URL.revokeObjectURL(url);
    },
    [],
  );
  useEffect(() => {
    const ready = files.flatMap((one) => one.attachment ?? []);
    if (ready.length > 0) sessionStorage.setItem(placeOf(chatId), JSON.stringify(ready));
    else sessionStorage.removeItem(placeOf(chatId));
  }, [files, chatId]);
  const change = (key: string, more: Partial<Pending>) =>
    setFiles((now) => now.map((one) => (one.key === key ? { ...one, ...more } : one)));

  const add = (given: Iterable<File>) => {
    setProblem('');
    const room = MOST_ATTACHMENTS - files.length;
    const list = [...given];
    if (list.length > room) setProblem(`A message takes at most ${MOST_ATTACHMENTS} files.`);
    for (const file of list.slice(0, Math.max(0, room))) {
      const key = crypto.randomUUID();
      const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
      // a picture is made smaller where that is needed; everything else must fit as it is
      const tooLarge = !isPicture && file.size > LARGEST.file;
      const url = isPicture ? URL.createObjectURL(file) : undefined;
      if (url) urls.current.add(url);
      const problem = tooLarge ? `It can have at most ${LARGEST.file / 1024 / 1024} MB.` : '';
      setFiles((now) => [...now, { key, name: file.name, size: file.size, attachment: undefined, problem, url }]);
      if (tooLarge) continue;
      uploadFile(file, chatId).then(
        (attachment) => change(key, { attachment }),
        (error) => change(key, { problem: sentenceOf(error) }),
      );
    }
  };
  return {
    files,
    problem,
    busy: files.some((one) => !one.attachment && !one.problem),
    ready: files.flatMap((one) => one.attachment ?? []),
    add,
    remove: (key) => {
      const gone = files.find((one) => one.key === key);
      setFiles((now) => now.filter((one) => one.key !== key));
      setProblem('');
      // one of a message that was taken back stays with its chat
      if (gone?.attachment) void removeFile(gone.attachment.id).catch(() => {});
    },
    clear: () => {
      setFiles([]);
      setProblem('');
    },
    restore: (attachments) =>
      setFiles((now) => [
        ...now,
        ...attachments.filter(({ id }) => !now.some((one) => one.attachment?.id === id)).map(asPending),
      ]),
  };
}

const asPending = (attachment: Attachment): Pending => ({
  key: attachment.id,
  name: attachment.name,
  size: attachment.size,
  attachment,
  problem: '',
  url: undefined,
});

const placeOf = (chatId: string | undefined): string => `vibe-files-${chatId ?? 'new'}`;

/** What was added in this tab before, and waits on the server.. */
function waiting(chatId: string | undefined): Attachment[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(placeOf(chatId)) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
