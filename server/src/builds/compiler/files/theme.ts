/** An app's own colour. It follows from the slug, so it stays when the app is renamed, and a hand edit of the file wins. */
import { createHash } from 'node:crypto';
import type { appColours } from '../../../../../contract/apps.ts';
import { file } from '../text.ts';

interface Accent {
  solid: string;
  ink: string;
  soft: string;
  darkSolid: string;
  darkInk: string;
  darkSoft: string;
}

type Colour = (typeof appColours)[number];

/** White on `solid` and `ink` on page and `soft` keep a contrast of 4.5 : 1 and more, in both themes. */
const accents: Record<Colour, Accent> = {
  pine: of('#2b6e57', '#2b6e57', '#e8f2ee', '#2f7a60', '#79c9ab', '#1d2f28'),
  harbour: of('#2f5f9e', '#2a568f', '#e9f0f9', '#3a6db0', '#93baec', '#1c2838'),
  plum: of('#7a4a86', '#70437b', '#f4ecf6', '#85559a', '#d3a6de', '#2e2233'),
  slate: of('#47586e', '#415166', '#edf0f4', '#566b86', '#aebfd6', '#222a34'),
  moss: of('#5a6620', '#525d1c', '#f1f4e3', '#65722a', '#c2cd7b', '#282c18'),
  indigo: of('#4b50a8', '#444999', '#eeeffa', '#5a5fbb', '#b0b4f3', '#24263b'),
  rose: of('#a8385f', '#9c3358', '#fbecf1', '#b4456c', '#f0a3bd', '#35202a'),
  brick: of('#9a4a2f', '#8f4229', '#f8ece7', '#a6553a', '#e8ab94', '#33231d'),
  ochre: of('#7d5a12', '#735310', '#f7f0df', '#8a6519', '#dcb968', '#2f2817'),
  bark: of('#6b5546', '#624d3f', '#f3eeea', '#786050', '#cdb6a6', '#2b2521'),
};

function of(solid: string, ink: string, soft: string, darkSolid: string, darkInk: string, darkSoft: string): Accent {
  return { solid, ink, soft, darkSolid, darkInk, darkSoft };
}

/** What an app gets that nobody gave a colour. */
const given: Colour[] = ['pine', 'harbour', 'plum', 'slate', 'moss', 'indigo'];

/** src/theme.css */
export function themeFile(slug: string, colour?: Colour): string {
  const accent = accents[colour ?? given[createHash('sha256').update(slug).digest()[0]! % given.length]!];
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
