/**
 * What a file is, by its content: a name or a declared type is anybody's word. Pictures are those that every provider takes; an SVG is
 * text, because a picture that can run scripts is none.
 */
import { LARGEST, LONGEST_SIDE } from '../../../contract/attachment-limits.ts';
import type { Attachment } from '../../../contract/attachments.ts';
import { AppError } from '../errors.ts';

export interface Recognised {
  kind: Attachment['kind'];
  mediaType: string;
  width?: number;
  height?: number;
}

/** @throws AppError `file_empty`, `file_too_large`, `picture_too_large` */
export function recognise(bytes: Buffer): Recognised {
  if (bytes.length === 0) throw new AppError('file_empty', 'invalid', 'This file is empty.');
  const picture = pictureOf(bytes);
  const found: Recognised = picture
    ? { kind: 'image', ...picture }
    : textOf(bytes) === undefined
      ? { kind: 'file', mediaType: 'application/octet-stream' }
      : { kind: 'text', mediaType: 'text/plain' };
  const most = LARGEST[found.kind];
  if (bytes.length > most) {
    const what = { image: 'A picture', text: 'A text file', file: 'A file' }[found.kind];
    throw new AppError('file_too_large', 'invalid', `${what} can have at most ${most / 1024 / 1024} MB.`);
  }
  if (Math.max(found.width ?? 0, found.height ?? 0) > LONGEST_SIDE)
    throw new AppError('picture_too_large', 'invalid', `A picture can have at most ${LONGEST_SIDE} pixels on a side.`);
  return found;
}

/** A file's text, undefined when it is none. UTF-8, UTF-16 with its mark, and what older spreadsheets write. */
export function textOf(bytes: Buffer): string | undefined {
  try {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true }).decode(bytes);
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true }).decode(bytes);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return isReadable(text) ? text : undefined;
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    return isReadable(text) && isMostlyAscii(bytes) ? text : undefined;
  }
}

/** Text has no control characters but tabs, line ends and form feeds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const isReadable = (text: string): boolean => !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text);

function isMostlyAscii(bytes: Buffer): boolean {
  let others = 0;
  for (const byte of bytes) if (byte > 0x7e) others++;
  return others < bytes.length * 0.2;
}

type Picture = { mediaType: string; width: number; height: number };

function pictureOf(bytes: Buffer): Picture | undefined {
  const starts = (text: string, at = 0) => bytes.toString('latin1', at, at + text.length) === text;
  if (starts('\u0089PNG\r\n\u001a\n') && starts('IHDR', 12) && bytes.length >= 24)
    return { mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if ((starts('GIF87a') || starts('GIF89a')) && bytes.length >= 10)
    return { mediaType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  if (starts('RIFF') && starts('WEBP', 8)) return webp(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return jpeg(bytes);
  return undefined;
}

function webp(bytes: Buffer): Picture | undefined {
  if (bytes.length < 30) return undefined;
  const kind = bytes.toString('latin1', 12, 16);
  const mediaType = 'image/webp';
  if (kind === 'VP8X') return { mediaType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  if (kind === 'VP8 ')
    return { mediaType, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (kind !== 'VP8L') return undefined;
  const packed = bytes.readUInt32LE(21);
  return { mediaType, width: (packed & 0x3fff) + 1, height: ((packed >> 14) & 0x3fff) + 1 };
}

/** Walks the segments to the one that has the size (SOF0 to SOF15, without DHT, JPG and DAC). */
function jpeg(bytes: Buffer): Picture | undefined {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { mediaType: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
