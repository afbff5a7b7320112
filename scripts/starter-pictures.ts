/**
 * Makes the pictures of the starters: builds each app, fills it with examples, and takes a picture of the page that shows it best.
 * `node scripts/starter-pictures.ts`; needs Chromium. The pictures are committed.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { type Entity, emptySpec, type Field, type Spec } from '../contract/spec.ts';
import { planChanges } from '../server/src/builds/changes/plan.ts';
import { compile } from '../server/src/builds/compiler/compile.ts';
import { runTool, startApp, writeApp } from '../server/src/builds/compiler/test-app.ts';
import { applyOperations } from '../server/src/builds/spec/apply.ts';
import { tableOf } from '../server/src/builds/spec/naming.ts';
import { starters } from '../server/src/builds/starters/starters.ts';
import { startTestCluster } from '../server/src/db/test-database.ts';
import { testBrowser } from '../server/src/hosting/fixtures/browser.ts';

const PAGES: Record<string, string> = {
  crm: '/pipeline',
  bookings: '/calendar',
  inventory: '/articles',
  'issue-tracker': '/board',
  'knowledge-base': '/',
  survey: '/',
};
/** Words for the texts of each list, by the list's slug. */
const EXAMPLES: Record<string, string[]> = {
  companies: ['Nordlicht GmbH', 'Atelier Blanc', 'Harbour Books', 'Kiosk Central', 'Moss & Sons'],
  contacts: ['Ida Holm', 'Paul Blanc', 'Ruth Adler', 'Sam Okoye', 'Mia Moss'],
  deals: ['Website', 'Spring catalogue', 'Shelves', 'New till', 'Yearly service'],
  conversations: ['First call', 'Offer sent', 'Lunch', 'Question about delivery', 'Contract'],
  services: ['Haircut', 'Colour', 'Beard', 'Wash and dry', 'Consultation'],
  customers: ['Ada Berg', 'Ben Fox', 'Carla Roth', 'Deniz Kaya', 'Eva Lind'],
  rooms: ['Window', 'Mirror', 'Garden', 'Blue', 'Quiet'],
  bookings: ['', '', '', '', ''],
  places: ['Shop', 'Cellar', 'Shelf 3', 'Window', 'Van'],
  suppliers: ['Holz Nord', 'Lumen', 'Papier AG', 'Clay & Co', 'Wool Works'],
  articles: ['Desk lamp', 'Oak board', 'Notebook A5', 'Tea cup', 'Wool scarf'],
  movements: ['', '', '', '', ''],
  projects: ['Website', 'Shop', 'App', 'Office', 'Newsletter'],
  people: ['Ida', 'Paul', 'Ruth', 'Sam', 'Mia'],
  issues: ['Login fails on phones', 'Prices in the footer', 'Search by colour', 'Printer is loud', 'Export as PDF'],
  comments: ['Seen on Android too.', 'Agreed.', 'Which shade?', 'Moved it.', 'Next week.'],
  topics: ['First day', 'Machines', 'Customers', 'Safety', 'Holidays'],
  questions: [
    'Where are the keys?',
    'How do I book leave?',
    'Who repairs the press?',
    'What is the Wi-Fi?',
    'When is stocktaking?',
  ],
  answers: ['Ida', 'Paul', 'Ruth', 'Sam', 'Mia'],
};

const cluster = await startTestCluster();
const { env, ...shell } = await testBrowser();
const browser = await chromium.launch({ ...shell, env: { ...process.env, ...env } });
try {
  for (const starter of starters) {
    const applied = applyOperations(emptySpec('x'), starter.operations);
    if (!applied.ok) throw new Error(`${starter.id}: ${applied.message}`);
    await writeFile(
      fileURLToPath(new URL(`../web/public/assets/starters/${starter.id}.png`, import.meta.url)),
      await pictureOf(applied.spec, PAGES[starter.id]!),
    );
    console.log(`  ${starter.id}`);
  }
} finally {
  await browser.close();
  await cluster.stop();
}

async function pictureOf(spec: Spec, path: string): Promise<Buffer> {
  const folder = await writeApp(compile(spec, { slug: 'starter' }));
  await runTool(folder, '@sveltejs/kit/svelte-kit.js', ['sync']);
  await runTool(folder, 'vite/bin/vite.js', ['build', '--configLoader', 'native']);
  const client = new pg.Client({ connectionString: await cluster.create() });
  await client.connect();
  for (const change of planChanges(emptySpec('x'), spec, []))
    for (const statement of change.statements) await client.query(statement);
  await fillWith(client, spec);
  const app = await startApp(folder, { host: client.host, user: client.user!, name: client.database! });
  const page = await browser.newPage({ viewport: { width: 960, height: 600 }, deviceScaleFactor: 2 / 3 });
  await page.goto(`${app.url}${path}`, { waitUntil: 'networkidle' });
  const picture = await page.screenshot();
  await page.close();
  await app.stop();
  await client.end();
  return picture;
}

/** Rows for every list; what is pointed at comes first. */
async function fillWith(client: pg.Client, spec: Spec): Promise<void> {
  const ids = new Map<string, string[]>();
  const waiting = [...spec.entities];
  while (waiting.length > 0) {
    const at = waiting.findIndex((one) => one.fields.every((field) => !field.target || ids.has(field.target)));
    const [entity] = waiting.splice(Math.max(0, at), 1);
    ids.set(entity!.id, await fillOne(client, entity!, ids));
  }
}

async function fillOne(client: pg.Client, entity: Entity, ids: Map<string, string[]>): Promise<string[]> {
  const made: string[] = [];
  const fields = entity.fields.filter((field) => !['computed', 'image', 'file'].includes(field.type));
  for (let row = 0; row < 12; row++) {
    const values = fields.map((field) => exampleOf(entity, field, row, ids));
    const inserted = await client
      .query(
        `insert into ${tableOf(entity)} (${fields.map((field) => field.column).join(', ')}) values (${values.map((_, at) => `$${at + 1}`).join(', ')}) returning id`,
        values,
      )
      // a value that must differ is there already
      .catch(() => undefined);
    if (inserted) made.push(inserted.rows[0].id);
  }
  return made;
}

function exampleOf(entity: Entity, field: Field, row: number, ids: Map<string, string[]>): unknown {
  const words = EXAMPLES[entity.slug] ?? ['One', 'Two', 'Three', 'Four', 'Five'];
  const day = new Date(Date.UTC(2026, 10, 2 + ((row * 5) % 26)));
  switch (field.type) {
    case 'reference': {
      const those = ids.get(field.target!) ?? [];
      return those[(row * 2 + row) % Math.max(1, those.length)] ?? null;
    }
    case 'choice':
      return field.choices![(row * 3 + (row % 4)) % field.choices!.length]!.value;
    case 'rating':
      return [5, 4, 4, 3, 5, 2, 4, 5, 3, 4, 5, 1][row];
    case 'boolean':
      return row % 3 !== 0;
    case 'money':
      return [45, 120, 18, 240, 60][row % 5];
    case 'percent':
      return [20, 50, 80, 60, 30][row % 5];
    case 'integer':
      return Math.max(field.min ?? 0, [4, 12, 7, 20, 9][row % 5]!);
    case 'number':
      return row;
    case 'duration':
      return 30 + (row % 3) * 15;
    case 'date':
      return day.toISOString().slice(0, 10);
    case 'datetime':
      return `${day.toISOString().slice(0, 10)}T${String(9 + (row % 8)).padStart(2, '0')}:00`;
    case 'time':
      return '10:00';
    case 'email':
      return `person${row}@example.com`;
    case 'phone':
      return `+49 40 55${row}`;
    case 'url':
      return 'https://example.com';
    default:
      return field.id === entity.displayField ? words[row % words.length] || 'Example' : row % 2 ? null : 'Example';
  }
}
