/** Whether an app came from elsewhere, by its vibe.json: it has no spec then. */
export function isImported(files: Map<string, string>): boolean {
  try {
    return typeof (JSON.parse(files.get('vibe.json') ?? '{}') as { imported?: unknown }).imported === 'string';
  } catch {
    return false;
  }
}
