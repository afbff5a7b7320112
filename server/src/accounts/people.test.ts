/** Containers apart, and who may let whom in or out: on a real database, with the tricks that people would try. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { User } from '../../../contract/accounts.ts';
import { type Db, many, maybe, one, run, sql, transaction } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { type Access, AccessSet } from './access-set.ts';
import { newRules, person, startedPlatform } from './fixtures.ts';
import { addContainer, MOST_CONTAINERS, renameContainer } from './organisations.ts';
import {
  acceptInvitation,
  changeRole,
  invite,
  listInvitations,
  listMembers,
  readInvitation,
  removeMember,
  withdrawInvitation,
} from './people.ts';
import { register } from './registration.ts';
import { startSession } from './sessions.ts';

let test: TestCluster;
let db: Db;
let marta: User;
const rules = newRules();
beforeAll(async () => {
  test = await startTestCluster();
});
beforeEach(async () => {
  ({ db } = await startedPlatform(test));
  marta = await register(db, rules, person('Marta'));
});
afterAll(() => test?.stop());

const accessOf = async (user: User): Promise<Access> =>
  (await new AccessSet(db).of((await startSession(db, user.id, 'test')).sessionId))!;
const placeOf = async (user: User, name?: string) => {
  const { containers } = await accessOf(user);
  return containers.find((container) => !name || container.name === name)!;
};
/** Somebody who came by an invitation of Marta's, or of whoever is named. */
async function join(name: string, role: 'admin' | 'member', by = marta, container?: string): Promise<User> {
  const { token } = await invite(db, await accessOf(by), await placeOf(by, container), { role });
  return register(db, rules, { ...person(name), invitation: token });
}
const refused = (code: string) => ({ code });

describe('a container', () => {
  it('is a whole of its own: another organisation, data key and address, and its own people', async () => {
    const id = await addContainer(db, rules.keyring, marta, 'Marta');
    const rows = await many(
      db,
      sql<{ slug: string; organisation_id: string; data_key: Buffer }>`select c.slug, c.organisation_id, o.data_key
        from containers c join organisations o on o.id = c.organisation_id order by c.created_at`,
    );
    expect(rows.map(({ slug }) => slug)).toEqual(['marta', 'marta-2']);
    expect(rows[0]!.organisation_id).not.toBe(rows[1]!.organisation_id);
    expect(rows[0]!.data_key.equals(rows[1]!.data_key)).toBe(false);
    expect((await accessOf(marta)).containers).toHaveLength(2);
    const jobs = await many(db, sql`select 1 from graphile_worker._private_jobs where payload->>'containerId' = ${id}`);
    expect(jobs).toHaveLength(1);
    const ben = await join('Ben', 'member');
    expect((await accessOf(ben)).containers.map(({ slug }) => slug)).toEqual(['marta']);
  });

  it('keeps its address when it is renamed, by who may', async () => {
    const ben = await join('Ben', 'member');
    await expect(renameContainer(db, await placeOf(ben), 'Mine now')).rejects.toMatchObject(refused('not_allowed'));
    await renameContainer(db, await placeOf(marta), 'The shop');
    expect(await placeOf(ben)).toMatchObject({ slug: 'marta', name: 'The shop' });
  });

  it('is refused where the server has too many', async () => {
    await run(
      db,
      sql`insert into containers (organisation_id, slug, name, home_node_id, cluster_id)
        select organisation_id, 'filler-' || n, 'Filler', home_node_id, cluster_id from containers, generate_series(1, ${MOST_CONTAINERS}) n`,
    );
    await expect(addContainer(db, rules.keyring, marta, 'One more')).rejects.toMatchObject(
      refused('too_many_containers'),
    );
  });
});

describe('an invitation', () => {
  it('lets one person in, once, also where registration is closed', async () => {
    const { token } = await invite(db, await accessOf(marta), await placeOf(marta), { role: 'member' });
    expect(await readInvitation(db, token)).toEqual({ container: 'Marta', invitedBy: 'Marta', email: null });
    await expect(register(db, rules, person('Eve'))).rejects.toMatchObject(refused('registration_closed'));
    const ben = await register(db, rules, { ...person('Ben'), invitation: token });
    expect((await accessOf(ben)).containers).toMatchObject([{ slug: 'marta', role: 'member' }]);
    expect((await accessOf(ben)).owner).toBe(false);
    await expect(register(db, rules, { ...person('Eve'), invitation: token })).rejects.toMatchObject(
      refused('invitation_not_found'),
    );
    expect(await maybe(db, sql`select 1 from users where name = 'Eve'`)).toBeUndefined();
    await expect(readInvitation(db, token)).rejects.toMatchObject(refused('invitation_not_found'));
  });

  it('is one alone when several people race for it', async () => {
    const { token } = await invite(db, await accessOf(marta), await placeOf(marta), { role: 'member' });
    const outcomes = await Promise.allSettled(
      ['Ada', 'Ben', 'Cleo'].map((name) => register(db, rules, { ...person(name), invitation: token })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await listMembers(db, await placeOf(marta))).toHaveLength(2);
  });

  it('for an address is good for that address alone', async () => {
    const { token } = await invite(db, await accessOf(marta), await placeOf(marta), {
      role: 'admin',
      email: 'BEN@example.com',
    });
    await expect(register(db, rules, { ...person('Eve'), invitation: token })).rejects.toMatchObject(
      refused('invitation_for_another'),
    );
    const ben = await register(db, rules, { ...person('Ben'), invitation: token });
    expect(await placeOf(ben)).toMatchObject({ role: 'admin' });
  });

  it('is worth nothing once taken back, or after seven days, and is kept as a fingerprint only', async () => {
    const place = await placeOf(marta);
    const { id, token } = await invite(db, await accessOf(marta), place, { role: 'member' });
    expect(await listInvitations(db, place)).toMatchObject([{ id, role: 'member', invitedBy: 'Marta' }]);
    const stored = JSON.stringify(await many(db, sql`select *, encode(token_hash, 'escape') as t from invitations`));
    expect(stored).not.toContain(token);
    await withdrawInvitation(db, place, id);
    await expect(readInvitation(db, token)).rejects.toMatchObject(refused('invitation_not_found'));
    const late = await invite(db, await accessOf(marta), place, { role: 'member' });
    await run(db, sql`update invitations set expires_at = now() - interval '1 second' where id = ${late.id}`);
    await expect(readInvitation(db, late.token)).rejects.toMatchObject(refused('invitation_not_found'));
    expect(await listInvitations(db, place)).toEqual([]);
  });

  it('cannot lift who is here already, nor be taken back from another container', async () => {
    const ben = await join('Ben', 'member');
    const { id, token } = await invite(db, await accessOf(marta), await placeOf(marta), { role: 'admin' });
    await addContainer(db, rules.keyring, marta, 'Other');
    await expect(withdrawInvitation(db, await placeOf(marta, 'Other'), id)).rejects.toMatchObject(
      refused('invitation_not_found'),
    );
    await transaction(db, (tx) => acceptInvitation(tx, ben, token));
    expect(await placeOf(ben)).toMatchObject({ role: 'member' });
  });
});

describe('people', () => {
  it('are managed by owners and admins, and admins by owners', async () => {
    const [ada, ben, cleo] = [await join('Ada', 'admin'), await join('Ben', 'member'), await join('Cleo', 'admin')];
    const as = async (user: User) => ({ access: await accessOf(user), place: await placeOf(user) });
    const member = await as(ben);
    await expect(invite(db, member.access, member.place, { role: 'member' })).rejects.toMatchObject(
      refused('not_allowed'),
    );
    await expect(changeRole(db, member.place, ben.id, 'owner')).rejects.toMatchObject(refused('not_allowed'));
    await expect(removeMember(db, member.access, member.place, ada.id)).rejects.toMatchObject(refused('not_allowed'));
    const admin = await as(ada);
    await expect(invite(db, admin.access, admin.place, { role: 'admin' })).rejects.toMatchObject(
      refused('not_allowed'),
    );
    await expect(changeRole(db, admin.place, ada.id, 'owner')).rejects.toMatchObject(refused('not_allowed'));
    for (const { id } of [marta, cleo])
      await expect(removeMember(db, admin.access, admin.place, id)).rejects.toMatchObject(refused('not_allowed'));
    await removeMember(db, admin.access, admin.place, ben.id);
    expect((await accessOf(ben)).containers).toEqual([]);
    await changeRole(db, await placeOf(marta), ada.id, 'owner');
    expect(await placeOf(ada)).toMatchObject({ role: 'owner' });
  });

  it('take the links that they made with them', async () => {
    const ada = await join('Ada', 'admin');
    const { token } = await invite(db, await accessOf(ada), await placeOf(ada), { role: 'member' });
    await removeMember(db, await accessOf(marta), await placeOf(marta), ada.id);
    await expect(transaction(db, (tx) => acceptInvitation(tx, ada, token))).rejects.toMatchObject(
      refused('invitation_not_found'),
    );
  });

  it('never leave a container without an owner, even two owners who leave at once', async () => {
    const place = await placeOf(marta);
    await expect(removeMember(db, await accessOf(marta), place, marta.id)).rejects.toMatchObject(refused('last_owner'));
    await expect(changeRole(db, place, marta.id, 'member')).rejects.toMatchObject(refused('last_owner'));
    const ada = await join('Ada', 'admin');
    await changeRole(db, place, ada.id, 'owner');
    const [of, her] = [await accessOf(marta), await accessOf(ada)];
    const outcomes = await Promise.allSettled([
      removeMember(db, of, of.containers[0]!, marta.id),
      removeMember(db, her, her.containers[0]!, ada.id),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { owners } = await one(
      db,
      sql<{ owners: number }>`select count(*)::int as owners from members where role = 'owner'`,
    );
    expect(owners).toBe(1);
  });

  it('of another container are nobody here', async () => {
    await addContainer(db, rules.keyring, marta, 'Other');
    const ben = await join('Ben', 'member', marta, 'Other');
    const here = await placeOf(marta, 'Marta');
    expect((await listMembers(db, here)).map(({ name }) => name)).toEqual(['Marta']);
    await expect(removeMember(db, await accessOf(marta), here, ben.id)).rejects.toMatchObject(
      refused('person_not_found'),
    );
    await expect(changeRole(db, here, ben.id, 'admin')).rejects.toMatchObject(refused('person_not_found'));
  });
});
