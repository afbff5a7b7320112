/** An app with roles: what somebody may not see is not there for them, in any page, form, table or total. */
import { get, request } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptySpec } from '../../../../contract/spec.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { planChanges } from '../changes/plan.ts';
import { applyOperations } from '../spec/apply.ts';
import { compile } from './compile.ts';
import { runTool, startApp, type TestApp, writeApp } from './test-app.ts';

const made = applyOperations(emptySpec('Club'), [
  { op: 'add_role', name: 'Treasurer' },
  { op: 'add_role', name: 'Trainer' },
  {
    op: 'add_entity',
    name: 'Member',
    fields: [{ name: 'Name', required: true }, { name: 'Fee', type: 'money' }, { name: 'IBAN' }],
  },
  {
    op: 'add_entity',
    name: 'Payment',
    fields: [
      { name: 'Purpose', required: true },
      { name: 'Amount', type: 'money' },
      { name: 'Member', type: 'reference', target: 'Member' },
    ],
  },
  // what is worked out from a hidden list, and rows that point at one
  { op: 'add_field', entity: 'Member', field: { name: 'Paid', type: 'computed', formula: 'sum({Payments.Amount})' } },
  { op: 'add_field', entity: 'Payment', field: { name: 'Receipt', type: 'file' } },
  {
    op: 'add_entity',
    name: 'Reminder',
    fields: [
      { name: 'Payment', type: 'reference', target: 'Payment' },
      { name: 'Sent', type: 'date' },
      { name: 'Text' },
    ],
  },
  {
    op: 'add_entity',
    name: 'Booking',
    fields: [{ name: 'Reason' }, { name: 'Paid by', type: 'reference', target: 'Payment', required: true }],
  },
  { op: 'set_display', entity: 'Reminder', field: 'Payment' },
  { op: 'add_page', kind: 'chart', entity: 'Reminder', field: 'Payment', name: 'Reminders by payment' },
  { op: 'limit_field', entity: 'Member', field: 'Fee', roles: ['Treasurer'] },
  { op: 'limit_field', entity: 'Member', field: 'IBAN', roles: ['Treasurer'] },
  { op: 'set_access', entity: 'Payment', see: ['Treasurer'] },
  { op: 'set_access', entity: 'Member', change: ['Treasurer', 'Trainer'] },
  { op: 'add_page', kind: 'print', entity: 'Payment', name: 'Cash book' },
]);
if (!made.ok) throw new Error(made.message);
const { spec } = made;
const [treasurer, trainer] = spec.roles!;

describe('an app with roles', () => {
  let cluster: TestCluster;
  let client: pg.Client;
  let app: TestApp;
  let member: string;
  let payment: string;
  let receipt: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
    const folder = await writeApp(compile(spec, { slug: 'club' }));
    await runTool(folder, '@sveltejs/kit/svelte-kit.js', ['sync']);
    expect(await runTool(folder, 'svelte-check/bin/svelte-check', ['--fail-on-warnings'])).toContain(
      '0 errors and 0 warnings',
    );
    await runTool(folder, 'vite/bin/vite.js', ['build', '--configLoader', 'native']);
    client = new pg.Client({ connectionString: await cluster.create() });
    await client.connect();
    for (const change of planChanges(emptySpec('x'), spec, []))
      for (const statement of change.statements) await client.query(statement);
    app = await startApp(folder, { host: client.host, user: client.user!, name: client.database! });
    const { rows } = await client.query(
      `insert into members (name, fee, iban) values ('Ada', 77.5, 'DE02SECRET'), ('Ben', 12, 'DE03HIDDEN') returning id`,
    );
    member = rows[0].id;
    const stored = await client.query(
      `insert into stored_files (name, type, content) values ('r.txt', 'text/plain', 'the receipt') returning id`,
    );
    receipt = stored.rows[0].id;
    const paid = await client.query(
      `insert into payments (purpose, amount, member_id, receipt) values ('Rent of the hall', 300, $1, $2) returning id`,
      [member, receipt],
    );
    payment = paid.rows[0].id;
    await client.query(`insert into reminders (payment_id, sent, text) values ($1, '2026-11-20', 'Second one')`, [
      payment,
    ]);
  });
  afterAll(async () => {
    await app?.stop();
    await client?.end();
    await cluster?.stop();
  });

  /** Somebody, by the token that the gateway would sign; each name is a person of its own. */
  const ask = (who: string, method: string, path: string, form?: Record<string, string>) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      void app.identity(who, who === 'owner' ? 'owner' : 'member').then((token) => {
        const headers: Record<string, string> = {
          host: 'club.test',
          accept: 'text/html',
          'x-vibe-identity': token,
          'x-forwarded-proto': 'http',
          'x-forwarded-host': 'club.test',
          ...(form && { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://club.test' }),
        };
        const outgoing = (form ? request : get)({ socketPath: app.socket, path, method, headers }, (reply) => {
          let text = '';
          reply.setEncoding('utf8').on('data', (piece) => {
            text += piece;
          });
          reply.on('end', () => resolve({ status: reply.statusCode!, text }));
        });
        outgoing.on('error', reject);
        if (form) outgoing.end(new URLSearchParams(form).toString());
      });
    });
  const give = async (who: string, role: string) => {
    await ask(who, 'GET', '/members');
    expect((await ask('owner', 'POST', '/people', { id: who, role })).status).toBe(200);
  };

  it('lets the owner give out roles, and nobody else', async () => {
    await ask('eve', 'GET', '/');
    expect((await ask('eve', 'GET', '/people')).status).toBe(404);
    expect((await ask('eve', 'POST', '/people', { id: 'eve', role: treasurer!.id })).status).toBe(404);
    expect((await ask('owner', 'POST', '/people', { id: 'eve', role: 'rol_made_up' })).status).toBe(400);
    await give('tom', trainer!.id);
    await give('tina', treasurer!.id);
    const { rows } = await client.query('select id, role from app_people order by id');
    expect(rows).toEqual([
      { id: 'eve', role: null },
      { id: 'owner', role: null },
      { id: 'tina', role: treasurer!.id },
      { id: 'tom', role: trainer!.id },
    ]);
  });

  it('hides a list in every form that it has', async () => {
    const [payment] = (await client.query('select id from payments')).rows;
    const paths = ['', '/new', '/export', '/import', '/__data.json', `/${payment.id}`, `/${payment.id}/__data.json`];
    for (const path of [
      ...paths.map((end) => `/payments${end}`),
      '/cash-book',
      '/cash-book/__data.json',
      '//payments',
      '/%70ayments',
    ]) {
      const reply = await ask('tom', 'GET', path);
      expect([path, reply.text.includes('Rent of the hall'), reply.status === 404 || reply.status === 308]).toEqual([
        path,
        false,
        true,
      ]);
    }
    for (const page of ['/', `/members/${member}`, `/members/${member}/__data.json`])
      expect((await ask('tom', 'GET', page)).text).not.toMatch(/Rent of the hall|\b300\b/);
    expect((await ask('tina', 'GET', '/payments')).text).toContain('Rent of the hall');
    expect((await ask('owner', 'GET', '/cash-book')).text).toContain('Rent of the hall');
  });

  it('hides fields: not shown, not searched, not sorted by, not exported, and an edit leaves them alone', async () => {
    for (const path of [
      '/members',
      '/members/__data.json',
      `/members/${member}`,
      `/members/${member}/edit`,
      '/members/export',
      '/members?q=SECRET',
      `/members/${member}/__data.json`,
    ])
      expect([path, (await ask('tom', 'GET', path)).text.match(/77\.5|DE02SECRET|DE03/)]).toEqual([path, null]);
    expect((await ask('tom', 'GET', '/members?q=DE02')).text).not.toContain('>Ada<');
    expect((await ask('tina', 'GET', '/members?q=DE02')).text).toContain('>Ada<');
    const order = async (who: string) => {
      const { text } = await ask(who, 'GET', '/members?sort=fee');
      return text.indexOf('>Ada<') < text.indexOf('>Ben<');
    };
    expect(await order('tina')).toBe(false);
    expect((await ask('tom', 'POST', `/members/${member}/edit`, { name: 'Ada L', fee: '1', iban: 'x' })).status).toBe(
      303,
    );
    expect((await client.query('select name, fee::float, iban from members where id = $1', [member])).rows).toEqual([
      { name: 'Ada L', fee: 77.5, iban: 'DE02SECRET' },
    ]);
  });

  it('hides what a hidden list says elsewhere: names of its rows, totals over them, charts and choices', async () => {
    const leak = /Rent of the hall|\b300\b/;
    const [{ id }] = (await client.query('select id from reminders')).rows;
    const paths = [
      '/',
      '/__data.json',
      '/reminders',
      '/reminders/__data.json',
      '/reminders?q=Rent',
      '/reminders/export',
      '/reminders/new/__data.json',
      `/reminders/${id}`,
      `/reminders/${id}/__data.json`,
      `/reminders/${id}/edit/__data.json`,
      '/members/__data.json',
      `/members/${member}/__data.json`,
      '/members/export',
    ];
    for (const path of paths) expect([path, (await ask('tom', 'GET', path)).text.match(leak)]).toEqual([path, null]);
    expect((await ask('tom', 'GET', '/reminders-by-payment')).status).toBe(404);
    // a row that points at it keeps what it points at when somebody edits the rest
    expect(
      (await ask('tom', 'POST', `/reminders/${id}/edit`, { text: 'Third one', sent: '2026-11-21', payment_id: '' }))
        .status,
    ).toBe(303);
    expect((await client.query('select text, payment_id from reminders')).rows).toEqual([
      { text: 'Third one', payment_id: payment },
    ]);
    // what must be filled in and cannot be seen cannot be added
    expect((await ask('tom', 'GET', '/bookings')).status).toBe(200);
    expect((await ask('tom', 'GET', '/bookings/new')).status).toBe(403);
    for (const path of ['/reminders', '/reminders/new', `/members/${member}`])
      expect([path, leak.test((await ask('tina', 'GET', path)).text)]).toEqual([path, true]);
    expect((await ask('tina', 'GET', '/reminders-by-payment')).text).toContain('Rent of the hall');
  });

  it('gives a file to whoever sees a row that holds it, and lets nobody hang it onto another row', async () => {
    expect((await ask('tina', 'GET', `/files/${receipt}`)).text).toBe('the receipt');
    for (const who of ['tom', 'eve']) {
      const reply = await ask(who, 'GET', `/files/${receipt}`);
      expect([who, reply.status, reply.text.includes('the receipt')]).toEqual([who, 404, false]);
    }
  });

  it('lets nobody set what they do not see', async () => {
    expect((await ask('tom', 'POST', '/members/new', { name: 'Cleo', fee: '5', iban: 'x' })).status).toBe(303);
    expect((await client.query(`delete from members where name = 'Cleo' returning fee, iban`)).rows).toEqual([
      { fee: null, iban: null },
    ]);
    const refused = applyOperations(spec, [
      { op: 'alter_field', entity: 'Member', field: 'Fee', changes: { required: true } },
    ]);
    expect(refused).toMatchObject({ ok: false, code: 'rule_does_not_fit' });
    expect(applyOperations(spec, [{ op: 'set_display', entity: 'Member', field: 'IBAN' }])).toMatchObject({
      ok: false,
    });
  });

  it('lets somebody look who may not change', async () => {
    expect((await ask('eve', 'GET', '/members')).status).toBe(200);
    for (const path of ['/members/new', `/members/${member}/edit`, '/members/import'])
      expect((await ask('eve', 'GET', path)).status).toBe(403);
    expect((await ask('eve', 'POST', `/members/${member}/delete`, {})).status).toBe(403);
    expect((await ask('eve', 'POST', '/members/new', { name: 'Mallory' })).status).toBe(403);
    expect((await client.query('select 1 from members')).rowCount).toBe(2);
  });
});
