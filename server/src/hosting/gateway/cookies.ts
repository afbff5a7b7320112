/** Cookies at the gateway: ours never reach an app, an app's never reach beyond its own host. */

/** the session of an app's own tab, of a preview in the platform's frame, and the nonce of an exchange under way */
export const APP_COOKIE = '__Host-vibe-app';
export const FRAME_COOKIE = '__Host-vibe-frame';
export const NONCE_COOKIE = '__Host-vibe-nonce';
const OURS = /^__Host-vibe-/i;

export function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0) cookies.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return cookies;
}

/** The Cookie header without ours; undefined when nothing is left. */
export function withoutOurs(header: string | undefined): string | undefined {
  if (header === undefined || !/__host-vibe-/i.test(header)) return header;
  const kept = header.split(';').filter((part) => !OURS.test(part.trim()));
  return kept.length === 0 ? undefined : kept.join(';').trim();
}

/** A Set-Cookie value of ours. In a frame of the platform (another site) only partitioned cookies live. */
export function ourCookie(name: string, value: string, maxAge: number, framed: boolean): string {
  const site = framed ? 'SameSite=None; Partitioned' : 'SameSite=Lax';
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; Secure; ${site}`;
}

/** An app's Set-Cookie, kept to its own host; undefined when it tries to set one of ours. */
export function confine(cookie: string, framed: boolean): string | undefined {
  const [pair, ...attributes] = cookie.split(';').map((part) => part.trim());
  // a cookie without a name comes back as its value: `=__Host-vibe-app=x` would be one of ours
  if (!pair || OURS.test(pair.replace(/^[\s=]+/, ''))) return undefined;
  const kept = attributes.filter((attribute) => !/^domain\s*(=|$)/i.test(attribute));
  if (!framed) return [pair, ...kept].join('; ');
  const plain = kept.filter((attribute) => !/^(samesite|secure|partitioned)\s*(=|$)/i.test(attribute));
  return [pair, ...plain, 'SameSite=None', 'Secure', 'Partitioned'].join('; ');
}
