/** All chats; on a wide screen the newest one is opened beside them. */
import { Navigate } from '@tanstack/react-router';
import { Sidebar } from '../../features/chats/sidebar.tsx';
import { useIsPhone } from '../use-is-phone.ts';
import { useChats } from './use-chats.ts';

export function ChatsPage() {
  const chats = useChats();
  const phone = useIsPhone();
  if (chats.isLoading) return null;
  const newest = chats.data?.[0];
  if (!newest) return <Navigate to="/chats/new" replace />;
  if (!phone) return <Navigate to="/chats/$chatId" params={{ chatId: newest.id }} replace />;
  return (
    <div className="flex h-full">
      <Sidebar chats={chats.data ?? []} current={undefined} loading={chats.isLoading} />
    </div>
  );
}
