/** A small picture of soft hills under a sky, as a PNG: an example that is plainly an example. PNG: https://www.w3.org/TR/png-3/ */
import { crc32, deflateSync } from 'node:zlib';

const WIDTH = 320;
const HEIGHT = 240;

/** @param hue in degrees; @param seed moves the hills */
export function examplePicture(hue: number, seed: number): Buffer {
  const colours = [
    colour(hue, 0.35, 0.86),
    colour(hue + 20, 0.35, 0.66),
    colour(hue + 35, 0.4, 0.48),
    colour(hue + 45, 0.45, 0.32),
  ];
  const lines: Buffer[] = [];
  for (let y = 0; y < HEIGHT; y++) {
    // each line begins with its filter: none. One byte a pixel: its place in the palette
    const line = Buffer.alloc(WIDTH + 1);
    for (let x = 0; x < WIDTH; x++) {
      let layer = 0;
      for (let hill = 1; hill < colours.length; hill++) {
        const wave = Math.sin(x / (34 + hill * 9) + seed * hill) + 0.5 * Math.sin(x / 17 + seed + hill * 2);
        if (y > HEIGHT * (0.32 + hill * 0.16) + wave * 16) layer = hill;
      }
      line[x + 1] = layer;
    }
    lines.push(line);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // eight bits, by palette
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(colours.flat())),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const whole = Buffer.alloc(content.length + 12);
  whole.writeUInt32BE(content.length, 0);
  named.copy(whole, 4);
  whole.writeUInt32BE(crc32(named), content.length + 8);
  return whole;
}

/** From hue in degrees, saturation and lightness from 0 to 1, to red, green and blue from 0 to 255 (CSS Color 4, 7.1). */
function colour(hue: number, saturation: number, lightness: number): number[] {
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    return lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return [channel(0), channel(8), channel(4)].map((value) => Math.round(value * 255));
}
