/** Who is in this container, what each may do, and the links by which others come in. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Container, Me, Member } from '../../../../contract/accounts.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Notice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { useToast } from '../../components/toasts.tsx';
import { sentenceOf } from '../../lib/api.ts';
import { dayOf } from '../../lib/text.ts';
import { changeRole, listInvitations, listPeople, peopleKeys, removePerson, withdrawInvitation } from './api.ts';
import { InviteForm } from './invite-form.tsx';

const ROLES: Record<Member['role'], string> = { owner: 'Owner', admin: 'Admin', member: 'Member' };

export function PeopleSettings({ me, container }: { me: Me; container: Container }) {
  const client = useQueryClient();
  const toast = useToast();
  const people = useQuery({ queryKey: peopleKeys.people, queryFn: listPeople });
  const manages = container.role !== 'member';
  const invitations = useQuery({ queryKey: peopleKeys.invitations, queryFn: listInvitations, enabled: manages });
  const [problem, setProblem] = useState('');
  const [leaving, setLeaving] = useState<Member>();
  const act = async (what: () => Promise<unknown>, said: string) => {
    setProblem('');
    try {
      await what();
      toast({ text: said });
      await client.invalidateQueries({ queryKey: peopleKeys.people });
      await client.invalidateQueries({ queryKey: peopleKeys.invitations });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  const mayTakeOut = (person: Member) =>
    person.id === me.user.id
      ? people.data!.length > 1
      : container.role === 'owner' || (container.role === 'admin' && person.role === 'member');
  return (
    <Section
      title="People"
      text="Everybody here sees the apps and chats of this container. Admins also set models, limits and people; owners make admins."
    >
      {people.error && <Notice>{sentenceOf(people.error)}</Notice>}
      <ul className="grid">
        {people.data?.map((person) => (
          <li
            key={person.id}
            className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-2 first:border-t-0"
          >
            <span className="min-w-0 flex-1 basis-40">
              <span className="block truncate font-mid">
                {person.name}
                {person.id === me.user.id && <span className="text-ink-3"> (you)</span>}
              </span>
              <span className="block truncate text-12 text-ink-3">{person.email}</span>
            </span>
            {container.role === 'owner' ? (
              <select
                aria-label={`What ${person.name} may do`}
                value={person.role}
                onChange={(event) =>
                  void act(
                    () => changeRole(person.id, event.target.value),
                    `${person.name} is ${ROLES[event.target.value as Member['role']].toLowerCase()} now.`,
                  )
                }
                className="h-8 rounded-2 border border-line-2 bg-raised px-2 max-md:h-11"
              >
                {Object.entries(ROLES).map(([role, name]) => (
                  <option key={role} value={role}>
                    {name}
                  </option>
                ))}
              </select>
            ) : (
              <span className="text-ink-2">{ROLES[person.role]}</span>
            )}
            {mayTakeOut(person) && (
              <Button look="bare" onClick={() => setLeaving(person)}>
                {person.id === me.user.id ? 'Leave' : 'Take out'}
                <span className="sr">{person.id === me.user.id ? ` ${container.name}` : ` ${person.name}`}</span>
              </Button>
            )}
          </li>
        ))}
        {invitations.data?.map((invitation) => (
          <li
            key={invitation.id}
            className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-t border-line py-2"
          >
            <span className="min-w-0 flex-1 basis-40">
              <span className="block truncate text-ink-2">{invitation.email ?? 'Whoever has the link'}</span>
              <span className="block text-12 text-ink-3">
                Invited by {invitation.invitedBy}, good until {dayOf(invitation.expiresAt)}
              </span>
            </span>
            <span className="text-ink-2">{ROLES[invitation.role]}</span>
            <Button
              look="bare"
              onClick={() => void act(() => withdrawInvitation(invitation.id), 'The link does not work any more.')}
            >
              Take back<span className="sr"> the invitation of {invitation.email ?? 'whoever has the link'}</span>
            </Button>
          </li>
        ))}
      </ul>
      {problem && <Notice>{problem}</Notice>}
      {manages && (
        <InviteForm
          mayInviteAdmins={container.role === 'owner'}
          onInvited={() => void client.invalidateQueries({ queryKey: peopleKeys.invitations })}
        />
      )}
      {leaving && (
        <Dialog
          open
          onClose={() => setLeaving(undefined)}
          title={leaving.id === me.user.id ? `Leave ${container.name}?` : `Take ${leaving.name} out?`}
          text={
            leaving.id === me.user.id
              ? 'You will not see its apps and chats any more. Coming back needs an invitation.'
              : 'They will not see the apps and chats of this container any more. What they made stays.'
          }
          actions={
            <>
              <Button onClick={() => setLeaving(undefined)}>Cancel</Button>
              <Button
                look="danger"
                onClick={() => {
                  const person = leaving;
                  setLeaving(undefined);
                  void act(
                    () => removePerson(person.id),
                    person.id === me.user.id ? `You left ${container.name}.` : `${person.name} is out.`,
                  ).then(() => person.id === me.user.id && location.assign('/'));
                }}
              >
                {leaving.id === me.user.id ? 'Leave' : 'Take out'}
              </Button>
            </>
          }
        />
      )}
    </Section>
  );
}
