/** The API as a page to read: made from the same description as /api/openapi.json, without scripts, so it can be read anywhere. */

/** As much of an OpenAPI description as the page shows. */
interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: unknown;
}
type Content = Record<string, { schema?: unknown }>;
interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: { content?: Content };
  responses?: Record<string, { content?: Content }>;
}
export interface Description {
  paths?: Record<string, Partial<Record<string, Operation>>>;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const LONGEST = 4000;

interface Call {
  method: string;
  path: string;
  operation: Operation;
}

/** @param description as /api/openapi.json gives it */
export function apiPage(description: Description): string {
  const calls: Call[] = Object.entries(description.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method];
      return operation ? [{ method: method.toUpperCase(), path, operation }] : [];
    }),
  );
  const groups = Map.groupBy(calls, ({ operation }) => operation.tags?.[0] ?? 'server');
  const names = [...groups.keys()].sort();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API of Vibe</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>API of Vibe</h1>
<p>JSON in and out, a bearer token in the <code>Authorization</code> header, errors as problem details with a stable <code>code</code>, lists as
<code>{ items, next }</code>, times in UTC. For programs: <a href="/api/openapi.json">/api/openapi.json</a></p>
<nav aria-label="Parts">${names.map((name) => `<a href="#${escaped(name)}">${escaped(name)}</a>`).join(' ')}</nav></header>
<main>
${names.map((name) => `<section id="${escaped(name)}"><h2>${escaped(name)}</h2>${groups.get(name)!.map(callMarkup).join('\n')}</section>`).join('\n')}
</main>
</body>
</html>
`;
}

function callMarkup({ method, path, operation }: Call): string {
  const parameters = operation.parameters ?? [];
  const body = operation.requestBody?.content;
  const replies = Object.entries(operation.responses ?? {});
  const open = operation.security?.length === 0 ? ' <span class="note">no token needed</span>' : '';
  const rows = parameters.map(
    (one) =>
      `<tr><th scope="row"><code>${escaped(one.name)}</code></th><td>${escaped(one.in)}${one.required ? ', needed' : ''}</td><td>${escaped(one.description ?? shortOf(one.schema))}</td></tr>`,
  );
  return `<details><summary><b class="${method.toLowerCase()}">${method}</b> <code>${escaped(path)}</code>${open}</summary>
${operation.summary || operation.description ? `<p>${escaped(operation.summary ?? operation.description ?? '')}</p>` : ''}
${rows.length > 0 ? `<table><caption>Parameters</caption><tbody>${rows.join('')}</tbody></table>` : ''}
${
  body
    ? Object.entries(body)
        .map(([type, media]) => `<h3>Body <small>${escaped(type)}</small></h3>${schemaMarkup(media.schema)}`)
        .join('')
    : ''
}
${replies.map(([status, reply]) => `<h3>Answer ${escaped(status)}</h3>${schemaMarkup(Object.values(reply.content ?? {})[0]?.schema)}`).join('')}
</details>`;
}

const shortOf = (schema: unknown): string => {
  const { type, enum: values, format } = (schema ?? {}) as { type?: string; enum?: unknown[]; format?: string };
  return values ? values.join(' | ') : [type, format].filter(Boolean).join(', ');
};

function schemaMarkup(schema: unknown): string {
  if (!schema) return '<p>Nothing.</p>';
  const text = JSON.stringify(schema, (key, value) => (key === '$schema' || key === 'pattern' ? undefined : value), 2);
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… (whole in /api/openapi.json)` : text;
  return `<pre tabindex="0">${escaped(shown)}</pre>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f1e, #e9eeec); --quiet: light-dark(#59625f, #a3aeaa); --line: light-dark(#dfe4e2, #313a37); --soft: light-dark(#f4f6f5, #1d2322); --page: light-dark(#fff, #151918); --accent: light-dark(#0d5c63, #6fc7cf); }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 5rem; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { margin-top: 2.5rem; font-size: 1.15rem; text-transform: capitalize; } h3 { margin: 1rem 0 .25rem; font-size: .9rem; } small { color: var(--quiet); font-weight: 400; }
a { color: var(--accent); } nav a { margin-right: .75rem; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; } summary { padding: .55rem .8rem; cursor: pointer; overflow-wrap: anywhere; } details[open] > :not(summary) { margin-left: .8rem; margin-right: .8rem; } details[open] { padding-bottom: .8rem; }
summary b { display: inline-block; min-width: 4.2rem; font-size: .8rem; } .get { color: light-dark(#1d5f8a, #8cc4ee); } .post { color: light-dark(#17683f, #7fd0a4); } .patch, .put { color: light-dark(#7a5200, #e3b95f); } .delete { color: light-dark(#a3211a, #f2978d); }
.note { color: var(--quiet); font-size: .85rem; } pre { max-height: 24rem; overflow: auto; background: var(--soft); border-radius: 6px; padding: .7rem; font-size: .8rem; } table { border-collapse: collapse; } th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; } caption { text-align: left; font-weight: 600; font-size: .9rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
