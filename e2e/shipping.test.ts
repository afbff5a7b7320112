/** Chats of one app side by side, conflicts, undo, and releases: what goes live, what does not, and that nobody notices the switch. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConflictFile } from '../contract/chats.ts';
import type { ReleaseEntry, ReleasePage } from '../contract/releases.ts';
import { databasesOf, draftSchema } from '../server/src/databases/names.ts';
import { type Db, many, openDatabase, run, sql } from '../server/src/db/database.ts';
import type { AnthropicServer, Block } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import type { Person } from './support/client.ts';
import { keyboardFaults } from './support/keyboard.ts';
import { appOf, chatOf, edits, inOrder, merge, operations, payloads, turn } from './support/maker.ts';
import { clusterUrl, platformUrl } from './support/platform.ts';
import { startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let data: Db;
let appId: string;
let appUrl: string;
let firstChat: string;

const PAGE = 'src/routes/books/+page.svelte';
const book = (...names: string[]) =>
  operations({
    op: 'add_entity',
    name: 'Book',
    plural: 'Books',
    fields: names.map((name) => ({ name, type: 'text' })),
  });
const addField = (name: string) => operations({ op: 'add_field', entity: 'Book', field: { name, type: 'text' } });

/** One turn in which the model makes these calls, one after the other. */
async function work(message: string, more: { chatId?: string; appId?: string }, ...calls: Block[]) {
  claude.use(inOrder(...calls.map((call) => [call])));
  const done = await turn(marta, message, more);
  expect(done.ended.outcome, JSON.stringify(done.ended)).toBe('completed');
  return done;
}
const schemaOf = async (chatId: string) => {
  const chat = await chatOf(marta, chatId);
  return draftSchema(chat.app!.slug, chat.branch.slice('chat/'.length));
};
const titles = async (schema: string) =>
  (await many(data, sql<{ title: string }>`select title from ${sql.table(`${schema}.books`)} order by id`)).map(
    ({ title }) => title,
  );
const addRow = (schema: string, title: string) =>
  run(data, sql`insert into ${sql.table(`${schema}.books`)} (title) values (${title})`);
const columns = async (schema: string) =>
  (
    await many(
      data,
      sql<{
        name: string;
      }>`select column_name as name from information_schema.columns where table_schema = ${schema} and table_name = 'books'`,
    )
  ).map(({ name }) => name);
/** A file of a chat as the model reads it; a refusal is answered as it stands. */
async function read(chatId: string, path: string): Promise<string> {
  claude.use(inOrder([{ tool: 'read_file', input: { path } }]));
  await turn(marta, `Read ${path}`, { chatId });
  const [result] = claude.requests.at(-1)!.messages.at(-1)!.content as { content: string | { text: string }[] }[];
  const text = typeof result!.content === 'string' ? result!.content : result!.content[0]!.text;
  return (JSON.parse(text) as { text?: string }).text ?? text;
}

beforeAll(async () => {
  ({ vibe, claude, marta } = await startVibe({ VIBE_LIVE_SLEEP_SECONDS: '5' }));
  const made = await work(
    'Make a book list',
    {},
    { tool: 'create_app', input: { title: 'Shelf' } },
    book('Title', 'Author'),
  );
  firstChat = made.chatId;
  const app = await merge(marta, firstChat);
  expect(app.release).toMatchObject({ state: 'serving', problem: null, number: 1 });
  ({ id: appId, url: appUrl } = app);
  data = openDatabase(clusterUrl(vibe, 'data', databasesOf('marta-lindqvist').staging), { max: 2 }).db;
}, 180_000);
afterAll(async () => {
  await data?.destroy();
  await vibe?.remove();
  await claude?.close();
});

it('two chats of an app see neither each other’s files nor rows until one is merged, and both fields survive', async () => {
  const line = edits({ kind: 'create', path: 'src/lib/only-left.ts', content: 'export const left = 1;\n' });
  const left = await work('left', { appId }, addField('Publisher'), line);
  const right = await work('right', { appId }, addField('Shelf mark'));
  const [l, r] = [await schemaOf(left.chatId), await schemaOf(right.chatId)];
  await addRow(l, 'Only left');
  expect(await titles(r)).toEqual([]);
  expect(await titles('shelf')).toEqual([]);
  expect(await columns(l)).toContain('publisher');
  expect(await columns(r)).not.toContain('publisher');
  expect(await columns('shelf')).not.toContain('publisher');
  expect(await read(right.chatId, 'src/lib/only-left.ts')).toMatch(/not_found|refused/);

  expect((await merge(marta, left.chatId)).release?.state).toBe('serving');
  expect((await merge(marta, right.chatId)).release?.state).toBe('serving');
  expect(await columns('shelf')).toEqual(expect.arrayContaining(['title', 'publisher', 'shelf_mark']));
  // what was tried in a draft stays there
  expect(await titles('shelf')).toEqual([]);
  expect(await read(right.chatId, 'src/lib/only-left.ts')).toContain('left = 1');
  expect((await chatOf(marta, left.chatId)).transport).toMatch(/merged|deployed/);
});

/** A line above the page's head: a place of its own, away from its heading. */
const note = (text: string) =>
  edits({ kind: 'edit', path: PAGE, find: '<svelte:head>', replace: `<p>${text}</p>\n<svelte:head>` });
/** A chat that wrote where main has something else by the time that the second of the next two tests looks. */
let oursAgain: string;

it('edits of the same lines conflict: each file is named, update from main marks them, and a solved one merges', async () => {
  const heading = (text: string) => edits({ kind: 'edit', path: PAGE, find: '<h1', replace: `<p>${text}</p>\n<h1` });
  const ours = await work('ours', { appId }, heading('ours by hand'));
  oursAgain = (await work('ours again', { appId }, note('second ours'))).chatId;
  const theirs = await work('theirs', { appId }, heading('theirs by hand'), note('second theirs'));
  await merge(marta, theirs.chatId);
  const refused = await marta.ask<{ code: string; conflicts: { path: string }[] }>(
    'POST',
    `/api/chats/${ours.chatId}/merge`,
  );
  expect(refused).toMatchObject({ status: 409, body: { code: 'merge_conflict' } });
  expect(refused.body.conflicts.map(({ path }) => path)).toEqual([PAGE]);

  const updated = await marta.ask<{ conflicts: { path: string }[] }>('POST', `/api/chats/${ours.chatId}/update`);
  expect(updated.body.conflicts.map(({ path }) => path)).toEqual([PAGE]);
  const marked = await marta.ask<{ code: string; conflicts: { path: string }[] }>(
    'POST',
    `/api/chats/${ours.chatId}/merge`,
  );
  expect(marked).toMatchObject({ status: 409, body: { code: 'conflict_markers' } });
  expect(marked.body.conflicts.map(({ path }) => path)).toEqual([PAGE]);

  // put together in the browser, where what there was before stands between the two
  const browser = await openBrowser();
  const shown = await browser.newPage({ viewport: DESKTOP });
  await signIn(shown, `${vibe.baseUrl}/chats/${ours.chatId}`);
  await shown.getByText('1 file holds both versions', { exact: false }).waitFor();
  await shown.getByRole('button', { name: 'Put together by hand' }).click();
  const place = shown.getByRole('group', { name: `Place 1 of ${PAGE}` });
  expect(await place.getByRole('region', { name: /^This chat/ }).textContent()).toContain('ours by hand');
  expect(await place.getByRole('region', { name: /^Before/ }).textContent()).not.toContain('by hand');
  expect(await place.getByRole('region', { name: /^Main/ }).textContent()).toContain('theirs by hand');
  expect(await shown.getByRole('button', { name: 'Save it in this chat' }).isDisabled()).toBe(true);
  const decide = async (name: string) => {
    for (const group of await shown.getByRole('dialog').getByRole('group').all())
      await group.getByRole('button', { name }).click();
  };
  await decide('Take main’s');
  await decide('Keep both');
  await shown.getByText('All places are decided.').waitFor();
  await takePictures(shown, 'conflicts');
  expect(await keyboardFaults(shown, '[role=dialog]')).toEqual([]);
  // whoever was slower is told, and nothing of theirs is taken
  const seen = await marta.ask<{ items: ConflictFile[] }>('GET', `/api/chats/${ours.chatId}/conflicts`);
  const [file] = seen.body.items;
  expect(file).toMatchObject({ path: PAGE, text: expect.stringContaining('|||||||') });
  const resolve = (files: ConflictFile[]) =>
    marta.ask<{ code?: string }>('POST', `/api/chats/${ours.chatId}/conflicts`, { files });
  expect((await resolve([file!])).body.code).toBe('still_conflicting');
  expect((await resolve([{ ...file!, text: 'x', version: '0'.repeat(40) }])).body.code).toBe('conflict_moved');
  expect((await resolve([{ ...file!, path: '../../README.md', text: 'x' }])).body.code).toBe('conflict_moved');
  await shown.getByRole('button', { name: 'Save it in this chat' }).click();
  await shown.getByText('Conflicts were resolved.', { exact: false }).waitFor();
  expect((await resolve([{ ...file!, text: 'late' }])).body.code).toBe('conflict_moved');
  await browser.close();
  expect((await merge(marta, ours.chatId)).release?.state).toBe('serving');
  const page = await (await Visitor.enter(marta, appUrl)).ask('GET', '/books');
  expect(page.text).toContain('ours by hand');
  expect(page.text).toContain('theirs by hand');
});

it('puts both versions together in a turn, when the assistant is asked', async () => {
  await marta.ask('POST', `/api/chats/${oursAgain}/update`);
  const source = await read(oursAgain, PAGE);
  expect(source).toContain('<<<<<<<');
  const solved = source.replace(/<{7}.*\n([\s\S]*?)\|{7}.*\n[\s\S]*?={7}\n([\s\S]*?)>{7}.*\n/g, '$1$2');
  await work('solve it', { chatId: oursAgain }, edits({ kind: 'replace', path: PAGE, content: solved }));
  const seen = await marta.ask<{ items: ConflictFile[] }>('GET', `/api/chats/${oursAgain}/conflicts`);
  expect(seen.body.items).toEqual([]);
  expect((await merge(marta, oursAgain)).release?.state).toBe('serving');
  const page = await (await Visitor.enter(marta, appUrl)).ask('GET', '/books');
  expect(page.text).toContain('second ours');
  expect(page.text).toContain('second theirs');
});

it('undo takes a database turn back, asks about rows that came since, and redo brings all of it back', async () => {
  const made = await work('undoable', { appId }, addField('Condition'));
  const { chatId } = made;
  const schema = await schemaOf(chatId);
  await run(data, sql`insert into ${sql.table(`${schema}.books`)} (title, condition) values ('Since', 'worn')`);
  const act = (name: 'undo' | 'redo', rows?: string) =>
    marta.ask<{ code?: string; redo?: unknown }>('POST', `/api/chats/${chatId}/${name}`, {
      turnId: made.turnId,
      ...(rows ? { rows } : {}),
    });
  expect(await act('undo')).toMatchObject({ status: 409, body: { code: 'preview_used' } });
  expect(await columns(schema)).toContain('condition');
  expect((await act('undo', 'keep')).status).toBe(200);
  expect(await columns(schema)).not.toContain('condition');
  expect(await titles(schema)).toEqual(['Since']);
  expect((await act('undo', 'keep')).body.code).toBe('turn_moved');
  expect((await act('redo')).status).toBe(200);
  expect(await columns(schema)).toContain('condition');
  expect(await many(data, sql`select title, condition from ${sql.table(`${schema}.books`)}`)).toEqual([
    { title: 'Since', condition: 'worn' },
  ]);
  expect((await act('undo', 'exact')).status).toBe(200);
  expect(await titles(schema)).toEqual([]);
  expect((await act('redo')).status).toBe(200);
  const undone = await payloads(marta, chatId, 'turn.undone');
  expect(undone.map(({ redone }) => redone)).toEqual([false, true, false, true]);

  // once it is merged it is taken back by new work, not here
  await merge(marta, chatId);
  const late = await act('undo');
  expect(late.status).toBe(409);
  expect(late.text).toMatch(/merged|moved on/);
});

it('a release that does not come up leaves the old one serving and says why', async () => {
  const visitor = await Visitor.enter(marta, appUrl);
  const before = await visitor.ask('GET', '/books');
  const serving = (await appOf(marta, appId)).release!;
  const broken = edits({
    kind: 'edit',
    path: 'src/hooks.server.ts',
    find: 'export const handle',
    replace: "if (process.env.NODE_ENV === 'production') throw new Error('the moon is wrong');\nexport const handle",
  });
  const { chatId } = await work('break it', { appId }, broken);
  const reply = await marta.ask<{ releaseId: string }>('POST', `/api/chats/${chatId}/merge`);
  expect(reply.status).toBe(202);
  const failed = await marta.until(
    async () => (await payloads(marta, chatId, 'build.progress')).find(({ stage }) => stage === 'failed'),
    'the failure',
  );
  expect(failed.text).toMatch(/did not come up, so the one before goes on serving/);
  expect(failed.text).toContain('the moon is wrong');
  const after = await visitor.ask('GET', '/books');
  expect(after.status).toBe(200);
  expect(after.text).toBe(before.text);
  expect(serving.state).toBe('serving');
  // and it is mended by going on
  const mend = edits({
    kind: 'edit',
    path: 'src/hooks.server.ts',
    find: "throw new Error('the moon is wrong')",
    replace: 'void 0',
  });
  await work('mend it', { chatId }, mend);
  expect((await merge(marta, chatId)).release).toMatchObject({ state: 'serving', problem: null });
});

/** Asks for pages of the app without a pause while something happens, and a moment longer. @returns how many, and those that were not answered well */
async function hammered<T>(what: () => Promise<T>): Promise<{ result: T; asked: number; bad: string[] }> {
  const visitor = await Visitor.enter(marta, appUrl);
  expect((await visitor.ask('GET', '/books')).status).toBe(200);
  const bad: string[] = [];
  let asked = 0;
  let hammering = true;
  const hammer = async (path: string) => {
    while (hammering) {
      const reply = await visitor.ask('GET', path).catch((error: Error) => ({ status: 0, text: error.message }));
      asked++;
      if (reply.status < 200 || reply.status >= 400) bad.push(`${path} ${reply.status} ${reply.text.slice(0, 120)}`);
      await sleep(5);
    }
  };
  const hammers = [hammer('/books'), hammer('/books'), hammer('/books'), hammer('/')];
  try {
    const result = await what();
    await sleep(2500);
    return { result, asked, bad };
  } finally {
    hammering = false;
    await Promise.all(hammers);
  }
}

/** How many that do not serve stay. */
const KEPT = 5;
const releasesOf = async () => (await marta.ask<ReleasePage>('GET', `/api/apps/${appId}/releases`)).body.items;
const servingNow = async () => (await releasesOf()).find(({ state }) => state === 'serving')!;
const goBack = (releaseId: string, serving: string) =>
  marta.ask<{ from: number; to: number; code?: string; title?: string }>('POST', `/api/apps/${appId}/rollback`, {
    releaseId,
    serving,
  });
const audit = async () => {
  const { db } = openDatabase(platformUrl(vibe), { max: 1 });
  const rows = await many(
    db,
    sql<{
      decision: string;
      outcome: string | null;
      receipt: unknown;
      by: string;
    }>`select a.decision, a.outcome, a.receipt, u.name as by from audit_log a join users u on u.id = a.by_user where a.tool = 'go_back' order by a.at`,
  );
  await db.destroy();
  return rows;
};

it('goes back to an older release and on again under constant requests, and none of them fails', async () => {
  await addRow('shelf', 'Middlemarch');
  const before = await releasesOf();
  const [now, failed, older] = before as [ReleaseEntry, ReleaseEntry, ReleaseEntry];
  expect([now.state, failed.state, older.state]).toEqual(['serving', 'failed', 'retired']);
  expect(older).toMatchObject({ canServe: true, why: null, title: 'Undoable', by: 'Marta Lindqvist' });
  expect(failed).toMatchObject({ canServe: false, why: null });
  // this one counts as one of those that are kept
  for (const { why } of before.slice(1 + KEPT)) expect(why).toBe(`Only the last ${KEPT} are kept.`);

  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: DESKTOP });
  await signIn(page, `${vibe.baseUrl}/apps`);
  const there = await hammered(async () => {
    await page.getByRole('button', { name: 'Releases of Shelf' }).click();
    await page.getByText(`Release ${now.number} serves, the newest there is.`).waitFor();
    await takePictures(page, 'releases');
    await page.getByRole('button', { name: `Go back to release ${older.number}` }).click();
    await page.getByText('All rows stay as they are.', { exact: false }).waitFor();
    await takePictures(page, 'go-back', ['desktop']);
    await page.getByRole('button', { name: `Go back to release ${older.number}` }).click();
    await page.getByText(`Release ${older.number} serves. One newer release waits`, { exact: false }).waitFor();
    expect(await keyboardFaults(page, '[role=dialog]')).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText(`Release ${older.number} serves, a newer one waits`).waitFor();
    await takePictures(page, 'apps-behind', ['phone']);
  });
  expect(there.bad).toEqual([]);
  expect(there.asked).toBeGreaterThan(100);
  expect((await servingNow()).number).toBe(older.number);
  expect((await appOf(marta, appId)).serves).toBe(older.number);
  // the chat that made it says so, and stands no more where customers are
  expect((await chatOf(marta, now.chatId!)).transport).toBe('merged');
  const notes = await payloads(marta, now.chatId!, 'transport.changed');
  expect(notes.at(-1)?.note).toBe(
    `Marta Lindqvist went back from release ${now.number} to release ${older.number}. Main keeps everything.`,
  );

  // at once, while the one that is left still answers what it has begun: it is spared; and somebody who saw the old list is told
  const back = await hammered(async () => {
    expect((await goBack(now.id, now.id)).body.code).toBe('release_moved');
    for (const [to, from] of [
      [now, older],
      [older, now],
      [now, older],
    ] as const)
      expect(await goBack(to.id, from.id)).toMatchObject({ status: 200, body: { from: from.number, to: to.number } });
  });
  expect(back.bad).toEqual([]);
  expect((await servingNow()).number).toBe(now.number);
  // the drained one is gone, and the rows are all there
  expect((await (await Visitor.enter(marta, appUrl)).ask('GET', '/books')).text).toContain('Middlemarch');
  expect(await audit()).toEqual(
    [
      [now, older],
      [older, now],
      [now, older],
      [older, now],
    ].map(([from, to]) => ({
      decision: 'allowed',
      outcome: 'done',
      receipt: { from: from!.number, to: to!.number },
      by: 'Marta Lindqvist',
    })),
  );
  await browser.close();
});

it('a kill in the middle of going back leaves the one or the other serving', async () => {
  for (const ms of [30, 150, 300]) {
    const from = await servingNow();
    const to = (await releasesOf()).find(({ canServe }) => canServe)!;
    const known = (await audit()).length;
    const asked = goBack(to.id, from.id).catch(() => undefined);
    await sleep(ms);
    await vibe.kill('host');
    await asked;
    const visitor = await marta.until(() => Visitor.enter(marta, appUrl).catch(() => undefined), 'the app');
    expect((await visitor.ask('GET', '/books')).text).toContain('Middlemarch');
    const serving = (await releasesOf()).filter(({ state }) => state === 'serving');
    expect(serving).toHaveLength(1);
    expect([from.id, to.id]).toContain(serving[0]!.id);
    // what is written of it says the same; nothing is written of what was killed before it began
    const written = (await audit()).slice(known).map(({ outcome }) => outcome);
    if (serving[0]!.id === to.id) expect(written).toEqual(['done']);
    else expect(['', 'failed']).toContain(written.join());
    if (serving[0]!.id === to.id) await goBack(from.id, to.id);
  }
});

it('loses no request while a release takes over that renames a field; one from before it cannot serve any more', async () => {
  const old = await servingNow();
  const { chatId } = await work(
    'rename',
    { appId },
    operations({ op: 'rename_field', entity: 'Book', field: 'Author', name: 'Writer' }),
  );
  await addRow('shelf', 'Emma');
  const { result: app, asked, bad } = await hammered(() => merge(marta, chatId));
  expect(app.release?.state).toBe('serving');
  expect(await columns('shelf')).toContain('writer');
  expect(asked).toBeGreaterThan(100);
  expect(bad).toEqual([]);

  const words = `Release ${old.number} cannot work on today’s tables: since then a field of books was renamed.`;
  expect((await releasesOf()).find(({ id }) => id === old.id)).toMatchObject({ canServe: false, why: words });
  expect(await goBack(old.id, app.release!.id)).toMatchObject({
    status: 409,
    body: { code: 'cannot_go_back', title: words },
  });
  expect((await audit()).at(-1)).toMatchObject({ decision: 'refused', outcome: null });
  expect((await servingNow()).id).toBe(app.release!.id);
});

it('a live app sleeps when nobody looks, wakes on a request, and is there after a restart', async () => {
  const state = async () => (await appOf(marta, appId)).state;
  const visitor = await Visitor.enter(marta, appUrl);
  expect((await visitor.ask('GET', '/books')).text).toContain('Emma');
  await marta.until(async () => (await state()) === 'asleep', 'the app to sleep', 20_000);
  expect((await visitor.ask('GET', '/books')).text).toContain('Emma');
  expect(await state()).toBe('running');
  await vibe.stop();
  await vibe.start();
  await marta.until(async () => (await visitor.ask('GET', '/api/ready')).status < 500, 'the server', 20_000);
  const page = await visitor.ask('GET', '/books');
  expect(page.status).toBe(200);
  expect(page.text).toContain('Emma');
});
