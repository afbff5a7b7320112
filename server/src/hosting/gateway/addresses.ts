/** Reads an app's or a preview's address: `<app>--<container>.<domain>`, `<app>--c<chat8>--<container>.<domain>`. */

export interface Address {
  app: string;
  container: string;
  /** what stands in the middle */
  place: { kind: 'app' } | { kind: 'preview'; chat8: string } | { kind: 'candidate' } | { kind: 'staging' };
}

const SLUG = '[a-z](?:[a-z0-9]|-(?!-)){1,18}[a-z0-9]';
const LABEL = new RegExp(`^(${SLUG})--(?:(c[a-z0-9]{8}|rc|staging)--)?(${SLUG})$`);

/** The label before the base host, or undefined when the host is not one label below it. */
export function labelOf(host: string, baseHost: string): string | undefined {
  if (!host.endsWith(`.${baseHost}`)) return undefined;
  const label = host.slice(0, -baseHost.length - 1);
  return /^[a-z0-9-]{1,63}$/.test(label) ? label : undefined;
}

/** @returns undefined for a label that is no address of ours */
export function parseLabel(label: string): Address | undefined {
  const match = LABEL.exec(label);
  if (!match) return undefined;
  const [, app, middle, container] = match as unknown as [string, string, string | undefined, string];
  if (middle === undefined) return { app, container, place: { kind: 'app' } };
  if (middle === 'rc') return { app, container, place: { kind: 'candidate' } };
  if (middle === 'staging') return { app, container, place: { kind: 'staging' } };
  return { app, container, place: { kind: 'preview', chat8: middle.slice(1) } };
}

/** The address of an app or, with a chat8, of its preview. Without a trailing slash. */
export function addressOf(baseUrl: string, container: string, app: string, chat8?: string): string {
  return address(baseUrl, container, app, chat8 ? `c${chat8}--` : '');
}

/** The address of an app's staging site. */
export const siteAddressOf = (baseUrl: string, container: string, app: string): string =>
  address(baseUrl, container, app, 'staging--');

function address(baseUrl: string, container: string, app: string, middle: string): string {
  const base = new URL(baseUrl);
  return `${base.protocol}//${app}--${middle}${container}.${base.host}`;
}
