-- The platform database as the migrations make it. Written by `node scripts/schema.ts`; never edited by hand.

create table app_codes (
  code_hash bytea not null,
  session_id uuid not null,
  user_id uuid not null,
  host text not null,
  nonce_hash bytea not null,
  expires_at timestamp with time zone not null,
  constraint app_codes_pkey PRIMARY KEY (code_hash),
  constraint app_codes_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  constraint app_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table app_sessions (
  token_hash bytea not null,
  session_id uuid not null,
  user_id uuid not null,
  host text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint app_sessions_pkey PRIMARY KEY (token_hash),
  constraint app_sessions_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE,
  constraint app_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table apps (
  id uuid not null default uuidv7(),
  container_id uuid not null,
  slug text not null,
  name text not null,
  type text not null default 'full'::text,
  mode text not null default 'vibe-coded'::text,
  icon text not null default 'layout-grid'::text,
  colour text not null default 'pine'::text,
  description text not null default ''::text,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  last_opened_at timestamp with time zone,
  deleted_at timestamp with time zone,
  deleted_by uuid,
  removed_at timestamp with time zone,
  constraint apps_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint apps_container_id_slug_key UNIQUE (container_id, slug),
  constraint apps_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  constraint apps_deleted_by_fkey FOREIGN KEY (deleted_by) REFERENCES users(id),
  constraint apps_mode_check CHECK ((mode = ANY (ARRAY['vibe-coded'::text, 'dual-repository'::text]))),
  constraint apps_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint apps_pkey PRIMARY KEY (id),
  constraint apps_slug_check CHECK (((slug ~ '^[a-z][a-z0-9-]{1,18}[a-z0-9]$'::text) AND (slug !~~ '%--%'::text))),
  constraint apps_type_check CHECK ((type = ANY (ARRAY['full'::text, 'automation'::text, 'webhook'::text, 'link'::text])))
);

create table attachments (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  chat_id uuid,
  uploaded_by uuid,
  kind text not null,
  media_type text not null,
  size integer not null,
  width integer,
  height integer,
  name bytea not null,
  content bytea not null,
  created_at timestamp with time zone not null default now(),
  constraint attachments_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint attachments_check CHECK (((chat_id IS NOT NULL) OR (uploaded_by IS NOT NULL))),
  constraint attachments_kind_check CHECK ((kind = ANY (ARRAY['image'::text, 'text'::text, 'file'::text]))),
  constraint attachments_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint attachments_pkey PRIMARY KEY (id),
  constraint attachments_size_check CHECK ((size >= 0)),
  constraint attachments_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES users(id)
);

create table audit_log (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  container_id uuid not null,
  chat_id uuid,
  turn_id uuid,
  call_id text not null,
  agent text not null,
  tool text not null,
  input_hash bytea not null,
  permission text not null,
  decision text not null,
  reason text,
  outcome text,
  receipt jsonb,
  at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  by_user uuid,
  constraint audit_log_by_user_fkey FOREIGN KEY (by_user) REFERENCES users(id),
  constraint audit_log_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint audit_log_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint audit_log_decision_check CHECK ((decision = ANY (ARRAY['allowed'::text, 'refused'::text]))),
  constraint audit_log_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint audit_log_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text, 'unknown'::text]))),
  constraint audit_log_pkey PRIMARY KEY (id),
  constraint audit_log_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table audit_seals (
  number bigint not null,
  source text not null,
  row_id uuid not null,
  digest bytea not null,
  seal bytea not null,
  at timestamp with time zone not null default now(),
  constraint audit_seals_pkey PRIMARY KEY (number),
  constraint audit_seals_source_check CHECK ((source = ANY (ARRAY['act'::text, 'statement'::text]))),
  constraint audit_seals_source_row_id_key UNIQUE (source, row_id)
);

create table chat_events (
  chat_id uuid not null,
  seq bigint not null,
  turn_id uuid,
  type text not null,
  payload bytea not null,
  at timestamp with time zone not null default now(),
  constraint chat_events_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint chat_events_pkey PRIMARY KEY (chat_id, seq)
);

create table chats (
  id uuid not null default uuidv7(),
  container_id uuid not null,
  app_id uuid,
  chat8 text not null,
  title text not null,
  assistant text not null default 'builder'::text,
  model text,
  status text not null default 'open'::text,
  database text not null default 'staging'::text,
  created_by uuid not null,
  base_commit text,
  head_commit text,
  last_seq bigint not null default 0,
  fence bigint not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  archived_at timestamp with time zone,
  spending_limit bigint,
  deleted_at timestamp with time zone,
  deleted_by uuid,
  removed_at timestamp with time zone,
  constraint chats_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint chats_chat8_check CHECK ((chat8 ~ '^[a-z0-9]{8}$'::text)),
  constraint chats_chat8_key UNIQUE (chat8),
  constraint chats_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint chats_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  constraint chats_database_check CHECK ((database = ANY (ARRAY['staging'::text, 'live'::text]))),
  constraint chats_deleted_by_fkey FOREIGN KEY (deleted_by) REFERENCES users(id),
  constraint chats_pkey PRIMARY KEY (id),
  constraint chats_spending_limit_check CHECK ((spending_limit >= 0)),
  constraint chats_status_check CHECK ((status = ANY (ARRAY['open'::text, 'review'::text, 'approved'::text])))
);

create table checkpoints (
  turn_id uuid not null,
  chat_id uuid not null,
  commit text not null,
  draft_schema text,
  redo_commit text,
  redo_schema text,
  created_at timestamp with time zone not null default now(),
  constraint checkpoints_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint checkpoints_pkey PRIMARY KEY (turn_id),
  constraint checkpoints_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table clusters (
  id uuid not null default uuidv7(),
  name text not null,
  address text not null,
  constraint clusters_name_key UNIQUE (name),
  constraint clusters_pkey PRIMARY KEY (id)
);

create table containers (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  slug text not null,
  name text not null,
  home_node_id uuid not null,
  cluster_id uuid not null,
  state text not null default 'preparing'::text,
  problem text,
  created_at timestamp with time zone not null default now(),
  frozen_at timestamp with time zone,
  frozen_by uuid,
  constraint containers_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES clusters(id),
  constraint containers_frozen_by_fkey FOREIGN KEY (frozen_by) REFERENCES users(id),
  constraint containers_home_node_id_fkey FOREIGN KEY (home_node_id) REFERENCES nodes(id),
  constraint containers_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint containers_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint containers_pkey PRIMARY KEY (id),
  constraint containers_slug_check CHECK (((slug ~ '^[a-z][a-z0-9-]{1,18}[a-z0-9]$'::text) AND (slug !~~ '%--%'::text))),
  constraint containers_slug_key UNIQUE (slug),
  constraint containers_state_check CHECK ((state = ANY (ARRAY['preparing'::text, 'ready'::text, 'failed'::text])))
);

create table context_measures (
  chat_id uuid not null,
  model text not null,
  tokens bigint not null,
  parts jsonb not null,
  at timestamp with time zone not null default now(),
  constraint context_measures_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint context_measures_pkey PRIMARY KEY (chat_id)
);

create table crm_tab_turns (
  turn_id uuid not null,
  app_id uuid not null,
  table_name text not null,
  purpose_before text not null,
  home_before text,
  purpose text not null,
  home text,
  constraint crm_tab_turns_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id) ON DELETE CASCADE,
  constraint crm_tab_turns_pkey PRIMARY KEY (turn_id, table_name),
  constraint crm_tab_turns_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id) ON DELETE CASCADE
);

create table crm_tabs (
  app_id uuid not null,
  table_name text not null,
  purpose text not null default ''::text,
  home text,
  chat_id uuid,
  set_by uuid,
  set_at timestamp with time zone not null default now(),
  examples jsonb not null default '{}'::jsonb,
  examples_at timestamp with time zone,
  constraint crm_tabs_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint crm_tabs_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id) ON DELETE SET NULL,
  constraint crm_tabs_home_check CHECK ((home = ANY (ARRAY['staging'::text, 'live'::text, 'both'::text]))),
  constraint crm_tabs_pkey PRIMARY KEY (app_id, table_name),
  constraint crm_tabs_purpose_check CHECK ((length(purpose) <= 300)),
  constraint crm_tabs_set_by_fkey FOREIGN KEY (set_by) REFERENCES users(id),
  constraint crm_tabs_table_name_check CHECK (((length(table_name) >= 1) AND (length(table_name) <= 63)))
);

create table data_acts (
  id uuid not null default uuidv7(),
  container_id uuid not null,
  by_user uuid,
  at timestamp with time zone not null default now(),
  act text not null,
  environment text,
  action text,
  app_id uuid,
  table_name text,
  verdict text,
  agent text,
  agreed_by uuid,
  chat_id uuid,
  turn_id uuid,
  release_id uuid,
  tables text[] not null default '{}'::text[],
  rows bigint,
  note text,
  sealed bytea,
  state text not null default 'done'::text,
  ended_at timestamp with time zone,
  constraint data_acts_act_check CHECK ((act = ANY (ARRAY['rule'::text, 'freeze'::text, 'lift'::text, 'describe'::text, 'bring_back'::text, 'remove_back'::text, 'outside'::text, 'inside'::text, 'give_up'::text, 'left'::text, 'cleared'::text, 'release'::text, 'apply'::text, 'to_live'::text, 'draft'::text, 'samples'::text, 'undo'::text, 'redo'::text, 'draft_again'::text, 'drift'::text, 'mirror'::text, 'kept_over'::text, 'fill_site'::text, 'masks'::text, 'dismiss'::text, 'reopen'::text, 'give_live'::text, 'came_live'::text, 'came_home'::text, 'app_removed'::text]))),
  constraint data_acts_agreed_by_fkey FOREIGN KEY (agreed_by) REFERENCES users(id),
  constraint data_acts_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint data_acts_by_user_fkey FOREIGN KEY (by_user) REFERENCES users(id),
  constraint data_acts_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint data_acts_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint data_acts_note_check CHECK ((length(note) <= 2000)),
  constraint data_acts_pkey PRIMARY KEY (id),
  constraint data_acts_release_id_fkey FOREIGN KEY (release_id) REFERENCES releases(id),
  constraint data_acts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'partly'::text, 'failed'::text, 'unknown'::text]))),
  constraint data_acts_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table data_rules (
  id uuid not null default uuidv7(),
  container_id uuid not null,
  environment text not null,
  action text not null,
  app_id uuid,
  table_name text,
  verdict text not null,
  set_by uuid not null,
  set_at timestamp with time zone not null default now(),
  constraint data_rules_action_check CHECK ((action = ANY (ARRAY['read'::text, 'insert'::text, 'update'::text, 'delete'::text]))),
  constraint data_rules_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint data_rules_container_id_environment_action_app_id_table_nam_key UNIQUE NULLS NOT DISTINCT (container_id, environment, action, app_id, table_name),
  constraint data_rules_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint data_rules_environment_check CHECK ((environment = ANY (ARRAY['draft'::text, 'site'::text, 'staging'::text, 'live'::text]))),
  constraint data_rules_pkey PRIMARY KEY (id),
  constraint data_rules_set_by_fkey FOREIGN KEY (set_by) REFERENCES users(id),
  constraint data_rules_table_name_check CHECK (((length(table_name) >= 1) AND (length(table_name) <= 63))),
  constraint data_rules_verdict_check CHECK ((verdict = ANY (ARRAY['allow'::text, 'ask'::text, 'deny'::text])))
);

create table installation (
  id boolean not null default true,
  owner_user_id uuid,
  registration_open boolean not null default false,
  created_at timestamp with time zone not null default now(),
  constraint installation_id_check CHECK (id),
  constraint installation_owner_user_id_fkey FOREIGN KEY (owner_user_id) REFERENCES users(id),
  constraint installation_pkey PRIMARY KEY (id)
);

create table invitations (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  role text not null,
  token_hash bytea not null,
  email text,
  invited_by uuid not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  accepted_by uuid,
  accepted_at timestamp with time zone,
  constraint invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES users(id),
  constraint invitations_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
  constraint invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users(id),
  constraint invitations_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON DELETE CASCADE,
  constraint invitations_pkey PRIMARY KEY (id),
  constraint invitations_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text]))),
  constraint invitations_token_hash_key UNIQUE (token_hash)
);

create table members (
  organisation_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  constraint members_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id) ON DELETE CASCADE,
  constraint members_pkey PRIMARY KEY (organisation_id, user_id),
  constraint members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text]))),
  constraint members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table mirrors (
  app_id uuid not null,
  state text not null,
  words text not null default ''::text,
  lag_ms bigint not null default 0,
  lag_bytes bigint not null default 0,
  percent smallint,
  since timestamp with time zone not null default now(),
  looked_at timestamp with time zone not null default now(),
  site_filled_at timestamp with time zone,
  constraint mirrors_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint mirrors_percent_check CHECK (((percent >= 0) AND (percent <= 100))),
  constraint mirrors_pkey PRIMARY KEY (app_id),
  constraint mirrors_state_check CHECK ((state = ANY (ARRAY['preparing'::text, 'copying'::text, 'in_step'::text, 'behind'::text, 'stalled'::text, 'waiting'::text])))
);

create table model_addresses (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  slug text not null,
  name text not null,
  base_url text not null,
  ciphertext bytea,
  hint text,
  models text[] not null default '{}'::text[],
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  constraint model_addresses_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  constraint model_addresses_models_check CHECK ((cardinality(models) <= 500)),
  constraint model_addresses_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint model_addresses_organisation_id_slug_key UNIQUE (organisation_id, slug),
  constraint model_addresses_pkey PRIMARY KEY (id),
  constraint model_addresses_slug_check CHECK (((slug ~ '^[a-z][a-z0-9-]{1,39}$'::text) AND (slug <> ALL (ARRAY['anthropic'::text, 'openai'::text, 'together'::text, 'builtin'::text]))))
);

create table model_keys (
  organisation_id uuid not null,
  provider text not null,
  ciphertext bytea not null,
  hint text not null,
  base_url text,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  constraint model_keys_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  constraint model_keys_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint model_keys_pkey PRIMARY KEY (organisation_id, provider)
);

create table model_orders (
  organisation_id uuid not null,
  agent_kind text not null,
  position integer not null,
  model text not null,
  constraint model_orders_organisation_id_agent_kind_model_key UNIQUE (organisation_id, agent_kind, model),
  constraint model_orders_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint model_orders_pkey PRIMARY KEY (organisation_id, agent_kind, "position"),
  constraint model_orders_position_check CHECK ((("position" >= 1) AND ("position" <= 50)))
);

create table model_prices (
  organisation_id uuid not null,
  model text not null,
  input numeric not null,
  output numeric not null,
  cache_read numeric not null,
  cache_write numeric not null,
  set_by uuid,
  set_at timestamp with time zone not null default now(),
  constraint model_prices_cache_read_check CHECK ((cache_read >= (0)::numeric)),
  constraint model_prices_cache_write_check CHECK ((cache_write >= (0)::numeric)),
  constraint model_prices_input_check CHECK ((input >= (0)::numeric)),
  constraint model_prices_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint model_prices_output_check CHECK ((output >= (0)::numeric)),
  constraint model_prices_pkey PRIMARY KEY (organisation_id, model),
  constraint model_prices_set_by_fkey FOREIGN KEY (set_by) REFERENCES users(id)
);

create table model_settings (
  organisation_id uuid not null,
  thinking boolean not null default false,
  constraint model_settings_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint model_settings_pkey PRIMARY KEY (organisation_id)
);

create table nodes (
  id uuid not null default uuidv7(),
  name text not null,
  address text not null,
  heartbeat_at timestamp with time zone not null default now(),
  constraint nodes_name_key UNIQUE (name),
  constraint nodes_pkey PRIMARY KEY (id)
);

create table organisations (
  id uuid not null default uuidv7(),
  name text not null,
  data_key bytea not null,
  created_at timestamp with time zone not null default now(),
  constraint organisations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint organisations_pkey PRIMARY KEY (id)
);

create table outside_databases (
  container_id uuid not null,
  host text not null,
  port integer not null,
  database text not null,
  username text not null,
  sealed bytea not null,
  tls boolean not null default true,
  ca text,
  version integer not null,
  bypasses_rls boolean not null,
  set_by uuid not null,
  set_at timestamp with time zone not null default now(),
  lets_follow boolean not null default true,
  given_up_at timestamp with time zone,
  given_up_by uuid,
  constraint outside_databases_ca_check CHECK ((length(ca) <= 65536)),
  constraint outside_databases_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint outside_databases_database_check CHECK (((length(database) >= 1) AND (length(database) <= 63))),
  constraint outside_databases_given_up_by_fkey FOREIGN KEY (given_up_by) REFERENCES users(id),
  constraint outside_databases_host_check CHECK (((length(host) >= 1) AND (length(host) <= 253))),
  constraint outside_databases_host_port_database_key UNIQUE (host, port, database),
  constraint outside_databases_pkey PRIMARY KEY (container_id),
  constraint outside_databases_port_check CHECK (((port >= 1) AND (port <= 65535))),
  constraint outside_databases_set_by_fkey FOREIGN KEY (set_by) REFERENCES users(id),
  constraint outside_databases_username_check CHECK (((length(username) >= 1) AND (length(username) <= 63)))
);

create table outside_leftovers (
  id uuid not null default uuidv7(),
  container_id uuid not null,
  app_id uuid not null,
  kind text not null,
  host text not null,
  port integer not null,
  database text not null,
  username text not null,
  sealed bytea not null,
  tls boolean not null,
  ca text,
  schemas text[] not null default '{}'::text[],
  publications text[] not null default '{}'::text[],
  slots text[] not null default '{}'::text[],
  roles text[] not null default '{}'::text[],
  left_at timestamp with time zone not null default now(),
  tried_at timestamp with time zone,
  words text not null default ''::text,
  by_hand boolean not null default false,
  constraint outside_leftovers_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint outside_leftovers_app_id_kind_host_port_database_key UNIQUE (app_id, kind, host, port, database),
  constraint outside_leftovers_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint outside_leftovers_kind_check CHECK ((kind = ANY (ARRAY['app'::text, 'mirror'::text, 'rows'::text, 'chats'::text]))),
  constraint outside_leftovers_pkey PRIMARY KEY (id)
);

create table questions (
  id uuid not null default uuidv7(),
  turn_id uuid not null,
  chat_id uuid not null,
  call_id text not null,
  payload bytea not null,
  answer bytea,
  answered_by uuid,
  answered_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint questions_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES users(id),
  constraint questions_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint questions_pkey PRIMARY KEY (id),
  constraint questions_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table releases (
  id uuid not null default uuidv7(),
  app_id uuid not null,
  number integer not null,
  commit text not null,
  merge_id uuid not null,
  toolchain text not null default ''::text,
  state text not null,
  problem text,
  created_by uuid,
  created_at timestamp with time zone not null default now(),
  served_at timestamp with time zone,
  environment text not null default 'live'::text,
  told_in uuid,
  constraint releases_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint releases_app_id_number_key UNIQUE (app_id, number),
  constraint releases_created_by_fkey FOREIGN KEY (created_by) REFERENCES users(id),
  constraint releases_environment_check CHECK ((environment = ANY (ARRAY['live'::text, 'staging'::text]))),
  constraint releases_merge_id_key UNIQUE (merge_id),
  constraint releases_pkey PRIMARY KEY (id),
  constraint releases_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'building'::text, 'starting'::text, 'serving'::text, 'retired'::text, 'failed'::text]))),
  constraint releases_told_in_fkey FOREIGN KEY (told_in) REFERENCES chats(id)
);

create table reminders (
  id uuid not null default uuidv7(),
  app_id uuid not null,
  chat_id uuid,
  kind text not null,
  direction text,
  source text not null,
  tool text not null default ''::text,
  action text not null default ''::text,
  tables text[] not null default '{}'::text[],
  objects text[] not null default '{}'::text[],
  state text not null default 'open'::text,
  since timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  ended_by uuid,
  reason text,
  noted text[] not null default '{}'::text[],
  constraint reminders_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint reminders_app_id_kind_direction_source_key UNIQUE NULLS NOT DISTINCT (app_id, kind, direction, source),
  constraint reminders_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint reminders_check CHECK (((kind = 'drift'::text) = (direction IS NULL))),
  constraint reminders_check1 CHECK (((state = 'dismissed'::text) = (reason IS NOT NULL))),
  constraint reminders_direction_check CHECK ((direction = ANY (ARRAY['to_live'::text, 'to_staging'::text]))),
  constraint reminders_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES users(id),
  constraint reminders_kind_check CHECK ((kind = ANY (ARRAY['schema'::text, 'data'::text, 'drift'::text]))),
  constraint reminders_pkey PRIMARY KEY (id),
  constraint reminders_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
  constraint reminders_state_check CHECK ((state = ANY (ARRAY['open'::text, 'cleared'::text, 'dismissed'::text])))
);

create table session_tokens_used (
  token_hash bytea not null,
  session_id uuid not null,
  used_at timestamp with time zone not null default now(),
  constraint session_tokens_used_pkey PRIMARY KEY (token_hash),
  constraint session_tokens_used_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE
);

create table sessions (
  id uuid not null default uuidv7(),
  user_id uuid not null,
  refresh_hash bytea not null,
  previous_hash bytea,
  rotated_at timestamp with time zone not null default now(),
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  user_agent text not null default ''::text,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_refresh_hash_key UNIQUE (refresh_hash),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

create table sign_in_failures (
  key text not null,
  failures integer not null,
  last_at timestamp with time zone not null,
  constraint sign_in_failures_pkey PRIMARY KEY (key)
);

create table site_masks (
  app_id uuid not null,
  table_name text not null,
  column_name text not null,
  mask text not null,
  fixed text,
  set_by uuid,
  set_at timestamp with time zone not null default now(),
  constraint site_masks_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint site_masks_check CHECK (((mask = 'text'::text) = (fixed IS NOT NULL))),
  constraint site_masks_column_name_check CHECK (((length(column_name) >= 1) AND (length(column_name) <= 63))),
  constraint site_masks_fixed_check CHECK ((length(fixed) <= 200)),
  constraint site_masks_mask_check CHECK ((mask = ANY (ARRAY['keep'::text, 'null'::text, 'text'::text, 'hash'::text, 'email'::text]))),
  constraint site_masks_pkey PRIMARY KEY (app_id, table_name, column_name),
  constraint site_masks_set_by_fkey FOREIGN KEY (set_by) REFERENCES users(id),
  constraint site_masks_table_name_check CHECK (((length(table_name) >= 1) AND (length(table_name) <= 63)))
);

create table spending_limits (
  organisation_id uuid not null,
  per_turn bigint,
  per_chat bigint,
  per_day bigint,
  tokens_per_turn bigint,
  tokens_per_chat bigint,
  tokens_per_day bigint,
  constraint spending_limits_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint spending_limits_per_chat_check CHECK ((per_chat >= 0)),
  constraint spending_limits_per_day_check CHECK ((per_day >= 0)),
  constraint spending_limits_per_turn_check CHECK ((per_turn >= 0)),
  constraint spending_limits_pkey PRIMARY KEY (organisation_id),
  constraint spending_limits_tokens_per_chat_check CHECK ((tokens_per_chat >= 0)),
  constraint spending_limits_tokens_per_day_check CHECK ((tokens_per_day >= 0)),
  constraint spending_limits_tokens_per_turn_check CHECK ((tokens_per_turn >= 0))
);

create table sql_calls (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  container_id uuid not null,
  chat_id uuid,
  turn_id uuid,
  agent text not null,
  asked_by uuid,
  agreed_by uuid,
  target text not null,
  statement bytea not null,
  writes boolean not null,
  state text not null,
  rule text,
  rows bigint,
  ms real,
  called_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  app_id uuid,
  tables text[] not null default '{}'::text[],
  fingerprint text,
  action text,
  environment text,
  replays uuid,
  constraint sql_calls_agreed_by_fkey FOREIGN KEY (agreed_by) REFERENCES users(id),
  constraint sql_calls_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint sql_calls_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES users(id),
  constraint sql_calls_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint sql_calls_container_id_fkey FOREIGN KEY (container_id) REFERENCES containers(id),
  constraint sql_calls_environment_check CHECK ((environment = ANY (ARRAY['staging'::text, 'site'::text, 'live'::text, 'draft'::text]))),
  constraint sql_calls_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint sql_calls_pkey PRIMARY KEY (id),
  constraint sql_calls_replays_fkey FOREIGN KEY (replays) REFERENCES sql_calls(id),
  constraint sql_calls_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'refused'::text, 'unknown'::text]))),
  constraint sql_calls_target_check CHECK ((target = ANY (ARRAY['staging'::text, 'live'::text, 'draft'::text]))),
  constraint sql_calls_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table sql_declines (
  call_id uuid not null,
  declined_by uuid not null,
  declined_at timestamp with time zone not null default now(),
  constraint sql_declines_call_id_fkey FOREIGN KEY (call_id) REFERENCES sql_calls(id) ON DELETE CASCADE,
  constraint sql_declines_declined_by_fkey FOREIGN KEY (declined_by) REFERENCES users(id),
  constraint sql_declines_pkey PRIMARY KEY (call_id)
);

create table streaming_texts (
  message_id uuid not null,
  chat_id uuid not null,
  turn_id uuid not null,
  payload bytea not null,
  updated_at timestamp with time zone not null default now(),
  constraint streaming_texts_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id) ON DELETE CASCADE,
  constraint streaming_texts_pkey PRIMARY KEY (message_id)
);

create table turn_steps (
  turn_id uuid not null,
  number integer not null,
  kind text not null,
  call_id text,
  payload bytea not null,
  at timestamp with time zone not null default now(),
  constraint turn_steps_kind_check CHECK ((kind = ANY (ARRAY['model'::text, 'tool_begun'::text, 'tool_done'::text]))),
  constraint turn_steps_pkey PRIMARY KEY (turn_id, number),
  constraint turn_steps_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table turns (
  id uuid not null default uuidv7(),
  chat_id uuid not null,
  number integer not null,
  state text not null default 'queued'::text,
  outcome text,
  problem text,
  database text not null default 'staging'::text,
  asked_by uuid not null,
  stop_requested_at timestamp with time zone,
  worker text,
  lease_until timestamp with time zone,
  fence bigint,
  commit_before text,
  commit_after text,
  draft_print text,
  undone_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  mode text not null default 'build'::text,
  replaces uuid,
  undone_with uuid,
  constraint turns_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES users(id),
  constraint turns_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint turns_chat_id_number_key UNIQUE (chat_id, number),
  constraint turns_mode_check CHECK ((mode = ANY (ARRAY['build'::text, 'plan'::text, 'form'::text]))),
  constraint turns_outcome_check CHECK ((outcome = ANY (ARRAY['completed'::text, 'stopped'::text, 'failed'::text, 'escalated'::text, 'handed_off'::text, 'withdrawn'::text]))),
  constraint turns_pkey PRIMARY KEY (id),
  constraint turns_replaces_fkey FOREIGN KEY (replaces) REFERENCES turns(id),
  constraint turns_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'waiting'::text, 'ended'::text]))),
  constraint turns_undone_with_fkey FOREIGN KEY (undone_with) REFERENCES turns(id)
);

create table usage_ledger (
  id uuid not null default uuidv7(),
  organisation_id uuid not null,
  chat_id uuid,
  turn_id uuid,
  provider text not null,
  model text not null,
  state text not null default 'reserved'::text,
  reserved_micros bigint not null,
  cost_micros bigint,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  cache_write_tokens bigint not null default 0,
  created_at timestamp with time zone not null default now(),
  settled_at timestamp with time zone,
  reserved_tokens bigint not null default 0,
  tried jsonb not null default '[]'::jsonb,
  constraint usage_ledger_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats(id),
  constraint usage_ledger_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES organisations(id),
  constraint usage_ledger_pkey PRIMARY KEY (id),
  constraint usage_ledger_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'settled'::text]))),
  constraint usage_ledger_turn_id_fkey FOREIGN KEY (turn_id) REFERENCES turns(id)
);

create table users (
  id uuid not null default uuidv7(),
  email text not null,
  name text not null,
  password_hash text not null,
  created_at timestamp with time zone not null default now(),
  constraint users_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
  constraint users_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
  constraint users_pkey PRIMARY KEY (id)
);

CREATE INDEX app_sessions_session ON public.app_sessions USING btree (session_id);
CREATE INDEX attachments_chat ON public.attachments USING btree (chat_id);
CREATE INDEX attachments_unsent ON public.attachments USING btree (uploaded_by, created_at) WHERE (chat_id IS NULL);
CREATE INDEX audit_log_open ON public.audit_log USING btree (tool) WHERE (completed_at IS NULL);
CREATE INDEX audit_log_switches ON public.audit_log USING btree (container_id, at DESC, id DESC) WHERE ((tool = 'go_back'::text) AND (decision = 'allowed'::text));
CREATE INDEX audit_log_turn ON public.audit_log USING btree (turn_id);
CREATE INDEX chat_events_said ON public.chat_events USING btree (chat_id, seq DESC) WHERE (type = ANY (ARRAY['message.user'::text, 'message.edited'::text, 'message.assistant'::text]));
CREATE INDEX chat_events_turn ON public.chat_events USING btree (turn_id);
CREATE INDEX chats_container ON public.chats USING btree (container_id, updated_at DESC);
CREATE INDEX chats_deleted ON public.chats USING btree (deleted_at) WHERE ((deleted_at IS NOT NULL) AND (removed_at IS NULL));
CREATE INDEX containers_organisation ON public.containers USING btree (organisation_id);
CREATE INDEX data_acts_changes ON public.data_acts USING btree (app_id, ended_at) WHERE (sealed IS NOT NULL);
CREATE INDEX data_acts_open ON public.data_acts USING btree (at) WHERE (state = 'open'::text);
CREATE INDEX data_acts_page ON public.data_acts USING btree (container_id, at DESC, id DESC);
CREATE UNIQUE INDEX data_acts_release ON public.data_acts USING btree (release_id) WHERE (release_id IS NOT NULL);
CREATE INDEX invitations_open ON public.invitations USING btree (organisation_id) WHERE (accepted_at IS NULL);
CREATE INDEX members_user ON public.members USING btree (user_id);
CREATE INDEX questions_open ON public.questions USING btree (chat_id) WHERE (answered_at IS NULL);
CREATE UNIQUE INDEX releases_one_serving ON public.releases USING btree (app_id, environment) WHERE (state = 'serving'::text);
CREATE INDEX releases_open ON public.releases USING btree (state) WHERE (state = ANY (ARRAY['queued'::text, 'building'::text, 'starting'::text]));
CREATE INDEX releases_page ON public.releases USING btree (app_id, created_at DESC, id DESC);
CREATE INDEX reminders_chat ON public.reminders USING btree (chat_id) WHERE (state = 'open'::text);
CREATE INDEX reminders_open ON public.reminders USING btree (app_id, id) WHERE (state = 'open'::text);
CREATE INDEX sessions_previous ON public.sessions USING btree (previous_hash);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id);
CREATE INDEX sql_calls_app ON public.sql_calls USING btree (container_id, app_id, called_at DESC, id DESC);
CREATE INDEX sql_calls_app_changes ON public.sql_calls USING btree (container_id, app_id, called_at DESC, id DESC) WHERE writes;
CREATE INDEX sql_calls_changes ON public.sql_calls USING btree (container_id, called_at DESC, id DESC) WHERE writes;
CREATE INDEX sql_calls_chat ON public.sql_calls USING btree (chat_id, called_at DESC);
CREATE INDEX sql_calls_old ON public.sql_calls USING btree (called_at) WHERE (NOT writes);
CREATE INDEX sql_calls_open ON public.sql_calls USING btree (called_at) WHERE (state = 'open'::text);
CREATE INDEX sql_calls_page ON public.sql_calls USING btree (container_id, called_at DESC, id DESC);
CREATE INDEX sql_calls_person ON public.sql_calls USING btree (container_id, asked_by, called_at DESC, id DESC);
CREATE INDEX sql_calls_person_changes ON public.sql_calls USING btree (container_id, asked_by, called_at DESC, id DESC) WHERE writes;
CREATE INDEX sql_calls_tables ON public.sql_calls USING gin (tables);
CREATE INDEX sql_calls_writes ON public.sql_calls USING btree (app_id, id) WHERE (writes AND (state = 'done'::text));
CREATE INDEX streaming_texts_chat ON public.streaming_texts USING btree (chat_id);
CREATE UNIQUE INDEX turns_one_running ON public.turns USING btree (chat_id) WHERE (state = ANY (ARRAY['running'::text, 'waiting'::text]));
CREATE INDEX turns_open ON public.turns USING btree (state, lease_until) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));
CREATE INDEX usage_ledger_chat ON public.usage_ledger USING btree (chat_id);
CREATE INDEX usage_ledger_day ON public.usage_ledger USING btree (organisation_id, created_at);
CREATE INDEX usage_ledger_turn ON public.usage_ledger USING btree (turn_id);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower(email));

CREATE TRIGGER apps_routes AFTER INSERT OR UPDATE ON public.apps FOR EACH STATEMENT EXECUTE FUNCTION notify_routes();
CREATE TRIGGER audit_log_once BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION audit_complete_once();
CREATE TRIGGER chat_events_append_only BEFORE DELETE OR UPDATE ON public.chat_events FOR EACH ROW EXECUTE FUNCTION keep_events();
CREATE TRIGGER members_access AFTER INSERT OR DELETE OR UPDATE ON public.members FOR EACH ROW EXECUTE FUNCTION notify_access();
CREATE TRIGGER releases_routes AFTER INSERT OR UPDATE OF state ON public.releases FOR EACH STATEMENT EXECUTE FUNCTION notify_routes();
CREATE TRIGGER sessions_access AFTER UPDATE OF revoked_at ON public.sessions FOR EACH ROW EXECUTE FUNCTION notify_access();
