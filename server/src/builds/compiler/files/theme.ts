/** An app's own colour. It follows from the slug, so it stays when the app is renamed, and a hand edit of the file wins. */
import { createHash } from 'node:crypto';
import { file } from '../text.ts';

interface Accent {
  solid: string;
  ink: string;
  soft: string;
  darkSolid: string;
  darkInk: string;
  darkSoft: string;
}

/** White on `solid` and `ink` on page and `soft` keep a contrast of 4.5 : 1 and more, in both themes. */
const accents: Accent[] = [
  { solid: '#2b6e57', ink: '#2b6e57', soft: '#e8f2ee', darkSolid: '#2f7a60', darkInk: '#79c9ab', darkSoft: '#1d2f28' },
  { solid: '#2f5f9e', ink: '#2a568f', soft: '#e9f0f9', darkSolid: '#3a6db0', darkInk: '#93baec', darkSoft: '#1c2838' },
  { solid: '#7a4a86', ink: '#70437b', soft: '#f4ecf6', darkSolid: '#85559a', darkInk: '#d3a6de', darkSoft: '#2e2233' },
  { solid: '#47586e', ink: '#415166', soft: '#edf0f4', darkSolid: '#566b86', darkInk: '#aebfd6', darkSoft: '#222a34' },
  { solid: '#5a6620', ink: '#525d1c', soft: '#f1f4e3', darkSolid: '#65722a', darkInk: '#c2cd7b', darkSoft: '#282c18' },
  { solid: '#4b50a8', ink: '#444999', soft: '#eeeffa', darkSolid: '#5a5fbb', darkInk: '#b0b4f3', darkSoft: '#24263b' },
];

/** src/theme.css */
export function themeFile(slug: string): string {
  const accent = accents[createHash('sha256').update(slug).digest()[0]! % accents.length]!;
  return file(
    '@theme {',
    `  --color-accent: ${accent.solid};`,
    `  --color-accent-ink: ${accent.ink};`,
    `  --color-accent-soft: ${accent.soft};`,
    '}',
    '',
    '@media (prefers-color-scheme: dark) {',
    '  :root {',
    `    --color-accent: ${accent.darkSolid};`,
    `    --color-accent-ink: ${accent.darkInk};`,
    `    --color-accent-soft: ${accent.darkSoft};`,
    '  }',
    '}',
  );
}
