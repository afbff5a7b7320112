/** The chats of the sidebar, kept up to date by the container's room. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Chat } from '../../../../contract/chats.ts';
import { chatKeys, listChats } from '../../features/chats/api.ts';
import { useMe, useSession } from '../session.tsx';

export function useChats() {
  const me = useMe();
  const { live } = useSession();
  const client = useQueryClient();
  const containerId = me.containers[0]?.id;
  useEffect(() => {
    if (!containerId) return;
    return live.join(`container:${containerId}`, 0, (data) => {
      if (data.type === 'chat.changed') {
        const { chat } = data;
        client.setQueryData(chatKeys.one(chat.id), chat);
        client.setQueryData<Chat[]>(chatKeys.list, (chats) => {
          if (!chats) return chats;
          const rest = chats.filter((one) => one.id !== chat.id);
          return chat.archived || chat.deletedAt
            ? rest
            : [chat, ...rest].sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
        });
        void client.invalidateQueries({ queryKey: chatKeys.shelf('archived') });
        void client.invalidateQueries({ queryKey: chatKeys.shelf('deleted') });
      } else if (data.type === 'app.changed') void client.invalidateQueries({ queryKey: ['apps'] });
    });
  }, [containerId, live, client]);
  return useQuery({
    queryKey: chatKeys.list,
    queryFn: listChats,
    enabled: containerId !== undefined,
    refetchOnWindowFocus: true,
  });
}
