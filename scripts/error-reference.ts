/**
 * Writes docs/errors.md: every error that the API can answer, with its HTTP status and what it says, read from the places that throw
 * it. With --check it says whether the file has drifted.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { type ErrorKind, statusOf } from '../server/src/errors.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE = join(ROOT, 'docs', 'errors.md');

interface Thrown {
  code: string;
  kind: ErrorKind;
  says: string;
}

interface Node {
  type: string;
  [key: string]: unknown;
}

/** Every `new AppError('code', 'kind', message)` of a file. */
function thrownIn(path: string): Thrown[] {
  const found: Thrown[] = [];
  const visit = (node: Node) => {
    if (node.type === 'NewExpression' && (node.callee as Node & { name?: string }).name === 'AppError') {
      const [code, kind, message] = node.arguments as (Node & { value?: unknown })[];
      if (code?.type === 'Literal' && kind?.type === 'Literal')
        found.push({ code: String(code.value), kind: kind.value as ErrorKind, says: textOf(message) });
    }
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (child && typeof child === 'object' && 'type' in child) visit(child as Node);
  };
  visit(parseSync(path, readFileSync(path, 'utf8')).program as unknown as Node);
  return found;
}

/** A message as it is written; what is filled in is shown as an ellipsis. */
function textOf(node: (Node & { value?: unknown }) | undefined): string {
  if (node?.type === 'Literal') return String(node.value);
  if (node?.type !== 'TemplateLiteral') return '';
  return (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('…');
}

const files = readdirSync(join(ROOT, 'server', 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .sort();
const byCode = new Map<string, Thrown[]>();
for (const thrown of files.flatMap((path) => thrownIn(join(ROOT, 'server', 'src', path))))
  if (thrown.kind !== 'bug') byCode.set(thrown.code, [...(byCode.get(thrown.code) ?? []), thrown]);

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const rows = [...byCode]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, all]) => {
    const says = [...new Set(all.map((one) => one.says).filter(Boolean))].slice(0, 3);
    const status = [...new Set(all.map((one) => statusOf(one.kind)))].sort().join(', ');
    return `| \`${code}\` | ${status} | ${cell(says.join(' — ')) || 'Says what happened, in words.'} |`;
  });
const text = `# Errors

Every error of the API is a problem as RFC 9457 describes it: \`{ type, title, status, code, detail?, fields? }\` with the content type
\`application/problem+json\`. \`title\` says what happened in plain words and may change; \`code\` is stable. \`detail\` names the way out where there
is one, \`fields\` the inputs that were wrong. An error that is ours is always \`500\` and tells nothing of the inside.

Beside the codes below: \`invalid_input\` (400, with \`fields\`), \`bad_request\` (400), \`too_large\` (413), \`wrong_type\` (415), \`internal\` (500).
What a person may not see answers \`404\` like what is not there. This page is written by \`scripts/error-reference.ts\`.

| code | status | what it says |
|---|---|---|
${rows.join('\n')}
`;
if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== text) {
    console.error('docs/errors.md has drifted: run node scripts/error-reference.ts');
    process.exit(1);
  }
} else writeFileSync(FILE, text);
