/** Calls about files of messages, and what a browser does to a picture before it is sent. */
import { LARGEST } from '../../../../contract/attachment-limits.ts';
import type { Attachment } from '../../../../contract/attachments.ts';
import type { PickedElement } from '../../../../contract/preview.ts';
import { api, bytes } from '../../lib/api.ts';

const FITS = 2400;

/** Uploads one file; a picture that is larger than models take is made smaller first. @throws ApiError */
export async function uploadFile(file: File, chatId: string | undefined): Promise<Attachment> {
  const fitted = await madeToFit(file);
  const query = new URLSearchParams({ name: fitted.name, ...(chatId ? { chatId } : {}) });
  return api<Attachment>('POST', `/api/chats/attachments?${query}`, fitted);
}

export const removeFile = (id: string) => api('DELETE', `/api/chats/attachments/${id}`);

/** The file itself. */
export const readFile = (id: string): Promise<Blob> => bytes(`/api/chats/attachments/${id}`);

/** A picture of what the person points at; null when it is not to be seen on a page that is opened anew. */
export const elementPicture = (chatId: string, element: PickedElement, dark: boolean) =>
  api<{ attachment: Attachment | null }>('POST', `/api/chats/${chatId}/element-picture`, {
    path: element.path,
    selector: element.selector,
    viewport: element.viewport,
    dark,
  }).then((reply) => reply.attachment);

async function madeToFit(file: File): Promise<File> {
  if (!/^image\/(png|jpeg|webp)$/.test(file.type)) return file;
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (!picture) return file;
  const side = Math.max(picture.width, picture.height);
  if (file.size <= LARGEST.image && side <= FITS * 1.5) return file;
  const scale = Math.min(1, FITS / side);
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const smaller = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.86 });
  return new File([smaller], `${file.name.replace(/\.\w+$/, '')}.jpg`, { type: 'image/jpeg' });
}
