/** The few pages that the gateway itself shows. No script but the frame's exchange, no asset from elsewhere. */
import { createHash } from 'node:crypto';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE =
  ':root{color-scheme:light dark}body{margin:0;min-height:100dvh;display:grid;place-content:center;padding:24px;font:15px/1.6 system-ui,sans-serif;' +
  'background:light-dark(#fbfcfa,#151a18);color:light-dark(#161a19,#e8edea)}h1{font-size:20px;margin:0 0 4px;letter-spacing:-.018em}p{margin:0;max-width:52ch;color:light-dark(#454c49,#b4bdb8)}' +
  'a{color:light-dark(#00566b,#84d3e3)}';

/** A page with a title and a sentence. */
export function page(
  title: string,
  text: string,
  options: { refreshSeconds?: number; link?: { href: string; text: string } | undefined } = {},
): string {
  const refresh = options.refreshSeconds ? `<meta http-equiv="refresh" content="${options.refreshSeconds}">` : '';
  const link = options.link ? ` <a href="${escaped(options.link.href)}">${escaped(options.link.text)}</a>` : '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${refresh}<title>${escaped(title)}</title><style>${STYLE}</style></head><body><main><h1>${escaped(title)}</h1><p>${escaped(text)}${link}</p></main></body></html>`;
}

/**
 * What a preview in the platform's frame shows before it has a session: it tells its parent the hash of its nonce, gets a code, and goes
 * on to trade it on its own host. @param attempt how many times this page was shown for that, from 1
 */
export function framePage(
  baseUrl: string,
  nonceHash: string,
  path: string,
  attempt: number,
): { html: string; csp: string } {
  const script = `
const base=${JSON.stringify(baseUrl)},path=${JSON.stringify(path).replaceAll('<', '\\u003c')};
let traded=false;
addEventListener('message',(event)=>{
  if(event.origin!==base||event.data?.type!=='vibe-code'||traded)return;
  // a question that was asked twice is answered twice: the second code must not take the place of the first that is on its way
  traded=true;
  clearInterval(again);
  location.replace('/.vibe/session?framed=${attempt}&code='+encodeURIComponent(event.data.code)+'&path='+encodeURIComponent(path));
});
const ask=()=>parent.postMessage({type:'vibe-nonce',nonceHash:${JSON.stringify(nonceHash)}},base);
ask();
// a question that nobody heard, or whose answer was lost, is asked again
let times=0;
const again=setInterval(()=>{
  if(++times<=20)return ask();
  clearInterval(again);
  document.querySelector('p').textContent='Vibe does not answer. Reload the preview.';
},1500);`;
  const hash = createHash('sha256').update(script).digest('base64');
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Opening</title><style>${STYLE}</style></head><body><p>Opening…</p><script>${script}</script></body></html>`;
  return {
    html,
    csp: `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; frame-ancestors ${baseUrl}`,
  };
}
