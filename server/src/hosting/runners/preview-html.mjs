/** Puts the platform's script into the pages of a preview: first thing in their head, so that it sees whatever goes wrong after it. */
import { readFileSync } from 'node:fs';

const PATH = '/@vibe/page.js';
const script = readFileSync(new URL('./preview-page.js', import.meta.url));
const platform = process.env.VIBE_PLATFORM_ORIGIN ?? '';
const tag = Buffer.from(`<script src="${PATH}" data-platform="${platform.replace(/[^\w:/.-]/g, '')}"></script>`);

/** Answers for the script itself. @returns whether it was asked for */
export function servePageScript(request, response) {
  if (request.url?.split('?')[0] !== PATH) return false;
  response
    .writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' })
    .end(script);
  return true;
}

/** From here on this response's first piece gets the script, when it is a page. */
export function addPageScript(response) {
  if (!platform) return;
  const { writeHead, write, end } = response;
  let isPage;
  const look = (headers) => {
    if (isPage !== undefined) return;
    const given = headers && !Array.isArray(headers) ? headers : {};
    const name = (wanted) => Object.keys(given).find((key) => key.toLowerCase() === wanted);
    const type = given[name('content-type')] ?? response.getHeader('content-type');
    isPage = /^text\/html\b/i.test(String(type ?? '')) && !response.getHeader('content-encoding');
    if (!isPage) return;
    response.removeHeader('content-length');
    if (name('content-length')) delete given[name('content-length')];
  };
  const withScript = (chunk, encoding) => {
    if (!response.headersSent) look();
    if (!isPage || chunk === undefined || chunk === null || typeof chunk === 'function') return chunk;
    isPage = false;
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
        : Buffer.from(chunk);
    const head = /<head[^>]*>/i.exec(bytes.toString('latin1'));
    if (!head) return chunk;
    const at = head.index + head[0].length;
    return Buffer.concat([bytes.subarray(0, at), tag, bytes.subarray(at)]);
  };
  response.writeHead = (status, ...rest) => {
    look(rest.find((one) => typeof one === 'object' && one !== null));
    return writeHead.call(response, status, ...rest);
  };
  response.write = (chunk, ...rest) => write.call(response, withScript(chunk, rest[0]), ...rest);
  response.end = (chunk, ...rest) => end.call(response, withScript(chunk, rest[0]), ...rest);
}
