/**
 * The functions and types of PostgreSQL that a statement may name. An allow-list: what is not here is refused, because a list of what is
 * dangerous has always missed something. All of them compute from what they are given; none reads a table by name, a file or a setting, waits,
 * or changes anything. A test holds the list against the server's own catalogue (volatile ones are named below, and why).
 */

const words = (text: string): string[] => text.trim().split(/\s+/);

const AGGREGATES = words(`
  count sum avg min max array_agg string_agg bool_and bool_or every bit_and bit_or bit_xor any_value
  json_agg jsonb_agg json_object_agg jsonb_object_agg stddev stddev_pop stddev_samp variance var_pop var_samp
  corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
  mode percentile_cont percentile_disc rank dense_rank percent_rank cume_dist row_number ntile lag lead first_value last_value nth_value
`);
const NUMBERS = words(`
  abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 power pow mod div gcd lcm factorial pi degrees radians
  sin cos tan cot asin acos atan atan2 sinh cosh tanh width_bucket scale min_scale trim_scale greatest least numeric_inc
`);
const TEXT = words(`
  length char_length character_length octet_length bit_length lower upper initcap btrim ltrim rtrim substr substring position strpos
  left right reverse replace translate concat concat_ws split_part starts_with overlay ascii chr md5 to_hex to_ascii normalize unistr
  quote_literal quote_ident quote_nullable format regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
  regexp_count regexp_instr regexp_like regexp_substr string_to_array string_to_table array_to_string encode decode sha224 sha256 sha384 sha512
  lpad rpad casefold like_escape similar_to_escape
`);
const DATES = words(`
  now transaction_timestamp statement_timestamp clock_timestamp age date_part date_trunc date_bin extract isfinite justify_days justify_hours
  justify_interval make_date make_time make_timestamp make_timestamptz make_interval to_char to_date to_timestamp to_number timezone overlaps date_add
  date_subtract
`);
const JSON_ = words(`
  to_json to_jsonb row_to_json json_build_object jsonb_build_object json_build_array jsonb_build_array json_object jsonb_object json_array_length
  jsonb_array_length json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_each jsonb_each
  json_each_text jsonb_each_text json_extract_path jsonb_extract_path json_extract_path_text jsonb_extract_path_text json_object_keys
  jsonb_object_keys json_typeof jsonb_typeof json_strip_nulls jsonb_strip_nulls jsonb_set jsonb_set_lax jsonb_insert jsonb_pretty
  jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first json_to_record jsonb_to_record
  json_to_recordset jsonb_to_recordset array_to_json
`);
const LISTS = words(`
  unnest generate_series generate_subscripts array_append array_prepend array_cat array_length array_lower array_upper array_ndims array_dims
  array_position array_positions array_remove array_replace cardinality trim_array array_sort array_reverse isempty lower_inc upper_inc lower_inf upper_inf
  int4range int8range numrange tsrange tstzrange daterange range_merge range_agg num_nonnulls num_nulls coalesce nullif pg_typeof
  to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd ts_headline
  gen_random_uuid uuidv4 uuidv7 random uuid_extract_timestamp uuid_extract_version host family masklen network
`);

/** Volatile, and harmless: each gives a value that nothing else depends on. */
export const HARMLESS_VOLATILE: ReadonlySet<string> = new Set([
  'random',
  'gen_random_uuid',
  'uuidv4',
  'uuidv7',
  'clock_timestamp',
]);

export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...AGGREGATES,
  ...NUMBERS,
  ...TEXT,
  ...DATES,
  ...JSON_,
  ...LISTS,
]);

/** Types that values may be cast to. Not here: everything that names an object of the catalogue (regclass and its kind) or is of the server's inside. */
export const ALLOWED_TYPES: ReadonlySet<string> = new Set(
  words(`
  bool int2 int4 int8 float4 float8 numeric money text varchar bpchar char name bytea bit varbit uuid json jsonb jsonpath date time timetz timestamp
  timestamptz interval inet cidr macaddr macaddr8 point line lseg box path polygon circle tsvector tsquery int4range int8range numrange tsrange tstzrange
  daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange record
`),
);

/** The longest text that lpad and rpad may make: one call must not fill the server's memory. */
export const LONGEST_PAD = 10_000;
