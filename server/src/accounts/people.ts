/** The people of a container, and the links by which others come in. Whoever is taken out is out within seconds (access-set.ts). */
import type { Invitation, InvitationView, Member, User } from '../../../contract/accounts.ts';
import { type Db, many, maybe, one, run, sql, type Tx, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { Access } from './access-set.ts';
import { hashToken, newToken } from './sessions.ts';

const GOOD_FOR = '7 days';
const MOST_OPEN = 100;
const MOST_PEOPLE = 1000;

type Place = Access['containers'][number];

/** Everybody of a container, who came first first. */
export const listMembers = async (db: Db, place: Place): Promise<Member[]> => {
  const rows = await many(
    db,
    sql<Omit<Member, 'since'> & { since: Date }>`select u.id, u.name, u.email, m.role, m.created_at as since
      from members m join users u on u.id = m.user_id where m.organisation_id = ${place.organisationId}
      order by m.created_at, u.id limit ${MOST_PEOPLE}`,
  );
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
};

/** The links that are still good. */
export const listInvitations = async (db: Db, place: Place): Promise<Invitation[]> => {
  const rows = await many(
    db,
    sql<
      Omit<Invitation, 'createdAt' | 'expiresAt'> & { createdAt: Date; expiresAt: Date }
    >`select i.id, i.role, i.email, u.name as "invitedBy", i.created_at as "createdAt", i.expires_at as "expiresAt"
      from invitations i join users u on u.id = i.invited_by
      where i.organisation_id = ${place.organisationId} and i.accepted_at is null and i.expires_at > now() order by i.id desc`,
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
};

/**
 * Makes a link for one person.
 * @param email who alone may use it; undefined: whoever has it
 * @returns its token, which is shown this once and never kept
 * @throws AppError `not_allowed`, `too_many_invitations`, `member_already`
 */
export async function invite(
  db: Db,
  access: Access,
  place: Place,
  input: { role: 'admin' | 'member'; email?: string | undefined },
): Promise<{ id: string; token: string }> {
  mayManage(place);
  if (input.role === 'admin' && place.role !== 'owner')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner may invite an admin.');
  return transaction(db, async (tx) => {
    await lock(tx, place);
    if (input.email) {
      const known = await maybe(
        tx,
        sql`select 1 from members m join users u on u.id = m.user_id
          where m.organisation_id = ${place.organisationId} and lower(u.email) = lower(${input.email})`,
      );
      if (known)
        throw new AppError('member_already', 'conflict', 'This person is here already.', {
          fields: { email: 'This person is here already' },
        });
    }
    const { open } = await one(
      tx,
      sql<{ open: number }>`select count(*)::int as open from invitations
        where organisation_id = ${place.organisationId} and accepted_at is null and expires_at > now()`,
    );
    if (open >= MOST_OPEN)
      throw new AppError('too_many_invitations', 'conflict', `${MOST_OPEN} invitations are open.`, {
        detail: 'Take back some that nobody will use.',
      });
    const token = newToken();
    const { id } = await one(
      tx,
      sql<{ id: string }>`insert into invitations (organisation_id, role, token_hash, email, invited_by, expires_at)
        values (${place.organisationId}, ${input.role}, ${hashToken(token)}, ${input.email ?? null}, ${access.user.id}, now() + ${GOOD_FOR}::interval)
        returning id`,
    );
    return { id, token };
  });
}

/** Takes a link back. @throws AppError `not_allowed`, `invitation_not_found` */
export async function withdrawInvitation(db: Db, place: Place, id: string): Promise<void> {
  mayManage(place);
  const gone = await run(
    db,
    sql`delete from invitations where id = ${id} and organisation_id = ${place.organisationId} and accepted_at is null`,
  );
  if (gone === 0) throw notFound();
}

interface InvitationRow extends InvitationView {
  id: string;
  organisation_id: string;
  role: 'admin' | 'member';
}

const rowOf = (
  token: string,
) => sql<InvitationRow>`select i.id, i.organisation_id, i.role, i.email, c.name as container, u.name as "invitedBy"
  from invitations i join users u on u.id = i.invited_by join containers c on c.organisation_id = i.organisation_id
  where i.token_hash = ${hashToken(token)} and i.accepted_at is null and i.expires_at > now()`;

/** What a link is for, to whoever has it. @throws AppError `invitation_not_found` */
export async function readInvitation(db: Db, token: string): Promise<InvitationView> {
  const row = await maybe(db, rowOf(token));
  if (!row) throw notFound();
  return { container: row.container, invitedBy: row.invitedBy, email: row.email };
}

/**
 * Lets a person in, once.
 * @returns the container's id
 * @throws AppError `invitation_not_found`, `invitation_for_another`
 */
export async function acceptInvitation(tx: Tx, user: User, token: string): Promise<string> {
  const row = await maybe(tx, sql<InvitationRow>`${rowOf(token)} for update of i`);
  if (!row) throw notFound();
  if (row.email && row.email.toLowerCase() !== user.email.toLowerCase())
    throw new AppError('invitation_for_another', 'forbidden', `This invitation is for ${row.email}.`, {
      detail: 'Sign in with that address, or ask for another invitation.',
    });
  await run(tx, sql`update invitations set accepted_by = ${user.id}, accepted_at = now() where id = ${row.id}`);
  // who is here already keeps what they may do
  await run(
    tx,
    sql`insert into members (organisation_id, user_id, role) values (${row.organisation_id}, ${user.id}, ${row.role}) on conflict do nothing`,
  );
  const container = await one(
    tx,
    sql<{
      id: string;
    }>`select id from containers where organisation_id = ${row.organisation_id} order by created_at limit 1`,
  );
  return container.id;
}

/**
 * Another role for a person. Owners make and unmake owners and admins.
 * @throws AppError `not_allowed`, `person_not_found`, `last_owner`
 */
export async function changeRole(db: Db, place: Place, userId: string, role: Member['role']): Promise<void> {
  if (place.role !== 'owner')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner may change what somebody may do.');
  await transaction(db, async (tx) => {
    const member = await locked(tx, place, userId);
    if (member.role === 'owner' && role !== 'owner') await refuseLastOwner(tx, place);
    await run(
      tx,
      sql`update members set role = ${role} where organisation_id = ${place.organisationId} and user_id = ${userId}`,
    );
  });
}

/**
 * Takes a person out, or lets them leave. What they made stays.
 * @throws AppError `not_allowed`, `person_not_found`, `last_owner`
 */
export async function removeMember(db: Db, access: Access, place: Place, userId: string): Promise<void> {
  const leaves = access.user.id === userId;
  if (!leaves) mayManage(place);
  await transaction(db, async (tx) => {
    const member = await locked(tx, place, userId);
    if (!leaves && member.role !== 'member' && place.role !== 'owner')
      throw new AppError('not_allowed', 'forbidden', 'Only an owner may take out an owner or admin.');
    if (member.role === 'owner') await refuseLastOwner(tx, place);
    await run(tx, sql`delete from members where organisation_id = ${place.organisationId} and user_id = ${userId}`);
    // links that they made would let them in again
    await run(
      tx,
      sql`delete from invitations where organisation_id = ${place.organisationId} and invited_by = ${userId} and accepted_at is null`,
    );
  });
}

const notFound = () =>
  new AppError('invitation_not_found', 'missing', 'This invitation is not good any more.', {
    detail: 'It was used, taken back, or is older than 7 days. Ask for another one.',
  });

function mayManage(place: Place): void {
  if (place.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may invite people or take them out.');
}

/** Changes of one organisation's people wait for each other. */
const lock = (tx: Tx, place: Place) =>
  run(tx, sql`select 1 from organisations where id = ${place.organisationId} for update`);

async function locked(tx: Tx, place: Place, userId: string): Promise<{ role: Member['role'] }> {
  await lock(tx, place);
  const member = await maybe(
    tx,
    sql<{
      role: Member['role'];
    }>`select role from members where organisation_id = ${place.organisationId} and user_id = ${userId}`,
  );
  if (!member) throw new AppError('person_not_found', 'missing', 'There is no such person here.');
  return member;
}

async function refuseLastOwner(tx: Tx, place: Place): Promise<void> {
  const { owners } = await one(
    tx,
    sql<{
      owners: number;
    }>`select count(*)::int as owners from members where organisation_id = ${place.organisationId} and role = 'owner'`,
  );
  if (owners < 2)
    throw new AppError('last_owner', 'conflict', 'A container needs an owner.', {
      detail: 'Make somebody else an owner first.',
    });
}
