/** What the host and the helper inside the sandbox say to each other: one JSON object a line, answered by id. Types only. */

export interface Refusal {
  ok: false;
  /** Stable, for programs. */
  code: string;
  /** One sentence that a model and a person can act on. */
  message: string;
  path?: string;
  /** From 1. */
  line?: number;
  column?: number;
}

export type Result<T> = { ok: true; value: T } | Refusal;

export interface ListInput {
  path?: string;
  depth?: number;
}
export interface ListValue {
  entries: { path: string; type: 'file' | 'folder'; size: number }[];
  truncated: boolean;
}

export interface ReadInput {
  path: string;
  fromLine?: number;
  toLine?: number;
}
export interface ReadValue {
  path: string;
  text: string;
  fromLine: number;
  toLine: number;
  totalLines: number;
  /** Bytes of the whole file. */
  size: number;
  /** More lines were asked for than are shown. */
  truncated: boolean;
}

export interface SearchInput {
  query: string;
  regex?: boolean;
  path?: string;
  caseSensitive?: boolean;
  maxResults?: number;
  /** Lines shown before and after each match. */
  context?: number;
}
export interface SearchValue {
  matches: { path: string; line: number; text: string; before: string[]; after: string[] }[];
  filesSearched: number;
  truncated: boolean;
}

export type Edit =
  | { kind: 'create'; path: string; content: string }
  | { kind: 'edit'; path: string; find: string; replace: string; all?: boolean }
  | { kind: 'replace'; path: string; content: string }
  | { kind: 'move'; from: string; to: string }
  | { kind: 'delete'; path: string };

export interface FileChange {
  path: string;
  /** Where a moved file was. */
  from?: string;
  change: 'A' | 'M' | 'D' | 'R';
  /** Null: there was none, or it is no text, or (with `cut`) it is too large to repeat. */
  before: string | null;
  after: string | null;
  cut?: true;
}

export interface ApplyInput {
  edits: Edit[];
}
export interface ApplyValue {
  files: FileChange[];
}

export interface WriteTreeInput {
  /** Whole files by path: text, or bytes in base64. */
  write: Record<string, string | { base64: string }>;
  remove: string[];
}

export interface ReadTreeValue {
  files: Record<string, string | { base64: string }>;
}

export interface Operations {
  list: [ListInput, ListValue];
  read: [ReadInput, ReadValue];
  search: [SearchInput, SearchValue];
  apply: [ApplyInput, ApplyValue];
  writeTree: [WriteTreeInput, ApplyValue];
  readTree: [Record<string, never>, ReadTreeValue];
}
export type Operation = keyof Operations;

export interface Request {
  id: number;
  op: Operation;
  input: Operations[Operation][0];
}
export type Response = { id: number } & Result<Operations[Operation][1]>;
