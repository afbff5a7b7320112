/** Puts the platform's script into the pages of a preview: first thing in their head, so that it sees whatever goes wrong after it. */
import { readFileSync } from 'node:fs';

const PATH = '/@vibe/page.js';
const script = readFileSync(new URL('./preview-page.js', import.meta.url));
const platform = process.env.VIBE_PLATFORM_ORIGIN ?? '';
const origin = platform.replace(/[^\w:/.-]/g, '');
const tag = (change) =>
  Buffer.from(`<script src="${PATH}" data-platform="${origin}" data-change="${change}"></script>`);

/** Answers for the script itself. @returns whether it was asked for */
export function servePageScript(request, response) {
  if (request.url?.split('?')[0] !== PATH) return false;
  response
    .writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' })
    .end(script);
  return true;
}

/** From here on this response's first piece gets the script, when it is a page. @param change the number of the last change that it shows for sure */
export function addPageScript(response, change) {
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
    // of what the app has made, without the script: kept by the browser, an old page would say that it is as old as it was
    for (const header of ['content-length', 'etag']) {
      response.removeHeader(header);
      if (name(header)) delete given[name(header)];
    }
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
    return Buffer.concat([bytes.subarray(0, at), tag(change), bytes.subarray(at)]);
  };
  response.writeHead = (status, ...rest) => {
    look(rest.find((one) => typeof one === 'object' && one !== null));
    return writeHead.call(response, status, ...rest);
  };
  response.write = (chunk, ...rest) => write.call(response, withScript(chunk, rest[0]), ...rest);
  response.end = (chunk, ...rest) => end.call(response, withScript(chunk, rest[0]), ...rest);
}
