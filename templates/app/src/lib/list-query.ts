/** What a list shows is in its address, so that it can be bookmarked, shared, and works without JavaScript. */
export interface ListQuery {
  search: string;
  /** A name to sort by; a minus in front turns it round. */
  sort: string;
  page: number;
}

export interface Page<Row> {
  rows: Row[];
  /** How many there are, and how many of them match the search. */
  total: number;
  matching: number;
  page: number;
  pages: number;
}

export interface SortOption {
  value: string;
  label: string;
}

/** Reads an address. What makes no sense falls back to the first sort option and the first page. */
export function readListQuery(url: URL, sorts: readonly SortOption[]): ListQuery {
  const sort = url.searchParams.get('sort');
  const page = Number(url.searchParams.get('page'));
  return {
    search: (url.searchParams.get('q') ?? '').trim().slice(0, 200),
    sort: sorts.some((option) => option.value === sort) ? sort! : sorts[0]!.value,
    page: Number.isInteger(page) && page >= 1 && page < 1_000_000 ? page : 1,
  };
}

/** The address of the same list with some of it changed. Every change but that of the page goes back to page one. */
export function listHref(query: ListQuery, changes: Partial<ListQuery>, initialSort: string): string {
  const next = { ...query, page: 1, ...changes };
  const parameters = new URLSearchParams();
  if (next.search) parameters.set('q', next.search);
  if (next.sort !== initialSort) parameters.set('sort', next.sort);
  if (next.page > 1) parameters.set('page', String(next.page));
  return `?${parameters}`;
}
