/** All chats; on a wide screen the newest one is opened beside them. */
import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { chatKeys, listArchived, listDeleted } from '../../features/chats/api.ts';
import { Sidebar } from '../../features/chats/sidebar.tsx';
import { useIsPhone } from '../use-is-phone.ts';
import { useChats } from './use-chats.ts';

export function ChatsPage() {
  const chats = useChats();
  const phone = useIsPhone();
  const newest = chats.data?.[0];
  const none = chats.data?.length === 0;
  // put away or deleted, they must still be reached
  const archived = useQuery({ queryKey: chatKeys.shelf('archived'), queryFn: listArchived, enabled: none });
  const deleted = useQuery({ queryKey: chatKeys.shelf('deleted'), queryFn: listDeleted, enabled: none });
  if (chats.isLoading || archived.isLoading || deleted.isLoading) return null;
  if (none && !archived.data?.length && !deleted.data?.length) return <Navigate to="/chats/new" replace />;
  if (newest && !phone) return <Navigate to="/chats/$chatId" params={{ chatId: newest.id }} replace />;
  return (
    <div className="flex h-full">
      <Sidebar chats={chats.data ?? []} current={undefined} loading={chats.isLoading} />
      {!phone && <div className="flex-1 bg-surface" />}
    </div>
  );
}
