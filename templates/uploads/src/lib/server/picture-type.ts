/** The type of a picture by its first bytes. SVG is none: it can hold scripts. */
export function pictureType(content: Uint8Array): string | undefined {
  const starts = (bytes: number[], at = 0) => bytes.every((byte, index) => content[at + index] === byte);
  const text = (from: number, to: number) => String.fromCharCode(...content.slice(from, to));
  if (starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  if (starts([0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'image/gif';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp';
  return text(4, 8) === 'ftyp' && ['avif', 'avis'].includes(text(8, 12)) ? 'image/avif' : undefined;
}
