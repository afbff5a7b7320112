/** How large an app's folder and one call may be. One place, because the tools' descriptions quote these numbers. */
export const FILE_LIMITS = {
  fileBytes: 1024 * 1024,
  treeFiles: 2_000,
  treeBytes: 48 * 1024 * 1024,
  editsPerCall: 100,
  callBytes: 8 * 1024 * 1024,
  nameBytes: 255,
  pathBytes: 1_024,
  depth: 16,
  readLines: 2_000,
  readBytes: 200 * 1024,
  listEntries: 2_000,
  searchMatches: 500,
  searchLineLength: 400,
  searchMs: 2_000,
  /** The text of one changed file, and of all of them, that an answer repeats. */
  changeTextBytes: 256 * 1024,
  changesTextBytes: 4 * 1024 * 1024,
  messageBytes: 128 * 1024 * 1024,
} as const;
