/** Search over all chats while somebody types: asked when the typing rests, page after page when somebody wants more. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { chatKeys, search } from './api.ts';

const LEAST = 2;

export function useSearch(wanted: string) {
  const term = wanted.trim();
  const [asked, setAsked] = useState(term);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(term), 180);
    return () => clearTimeout(timer);
  }, [term]);
  const query = useInfiniteQuery({
    queryKey: chatKeys.search(asked),
    queryFn: ({ pageParam }) => search(asked, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: asked.length >= LEAST && term.length >= LEAST,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
  const items = term.length >= LEAST ? (query.data?.pages.flatMap((page) => page.items) ?? []) : [];
  return { items, query, asked: term.length >= LEAST };
}
