/**
 * Words that a table, a column or an address may not be: PostgreSQL's reserved words, the few that JavaScript objects cannot safely
 * have, and addresses that SvelteKit or our own generated code uses. So no name ever needs quotes.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const reservedWords = words(`
  all analyse analyze and any array as asc asymmetric authorization between binary both case cast check coalesce collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except exists extract false fetch for foreign freeze
  from full grant group grouping having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural normalize not notnull null nullif offset on only or order outer overlaps overlay placing primary
  references returning right row select session_user similar some symmetric system_user table tablesample then to trailing true
  union unique user using values variadic verbose when where window with
  constructor prototype arguments undefined nan infinity globalthis
`);

/** Columns that every table has, and names that would be confused with them. */
export const reservedColumns = words(`
  id created_at updated_at tableoid xmin xmax cmin cmax ctid oid
`);

/** First parts of addresses that are not a list, and modules of the app's own. */
export const reservedSlugs = words(`
  api app new edit delete _app healthz favicon robots sitemap static assets login logout auth admin lib server components routes
  home index page layout error hooks env entities fields flash format identity db changes theme list list-query validation navigation vibe svelte node
  import export print files people roles rules access pointers picture-type month local-path stored-files app-people csv words charts
`);
