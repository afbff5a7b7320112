/**
 * Requests that carry our cookie must come from our own pages. SameSite does not protect from sibling subdomains (an app's page is
 * same-site with the platform), so Sec-Fetch-Site and Origin are checked. Requests with neither carry no ambient cookie: curl passes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../errors.ts';

/** @returns whether the request comes from the platform's own origin, or from no page at all */
export function isOwnOrigin(headers: IncomingHttpHeaders, baseUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const origin = headers.origin;
  return origin === undefined || origin === baseUrl;
}

/** @throws AppError `cross_site` */
export function refuseForeignOrigin(headers: IncomingHttpHeaders, baseUrl: string): void {
  if (!isOwnOrigin(headers, baseUrl)) {
    throw new AppError('cross_site', 'forbidden', 'This request came from another site.');
  }
}
