/** Only a path of this app: never an address that leads elsewhere. */
export const localPath = (path: string | null): string | undefined =>
  path && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : undefined;
