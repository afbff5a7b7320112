/**
 * Which paths may be named. The sandbox keeps a path inside the app's folder whatever it says; these rules keep names sane,
 * keep what has a road of its own (changes, the spec, secrets) off the file tools, and refuse names that look like others.
 */
import { FILE_LIMITS } from './limits.ts';
import type { Refusal } from './protocol.ts';

/** `read` and `write` are a model's; `platform` is a trusted write (compile, undo, merge). */
export type PathUse = 'read' | 'write' | 'platform';

/** Belongs to git, to the dev server or to the toolchain: nobody names it. */
const ALWAYS_RESERVED = /^(\.git|\.svelte-kit|node_modules|git~\d+|\.vibe.*)$/;
/** Secrets, and files that steer git or npm. */
const RESERVED_FOR_MODELS = /^(\.env.*|\.git.*|\.npmrc|\.yarnrc.*|\.ssh)$/;
/** At the top of the app: they change through the spec, the change tools and the packages' tool alone. */
const RESERVED_TO_WRITE = /^(changes|spec\.json|vibe\.json|package\.json|package-lock\.json|npm-shrinkwrap\.json)$/;

// Format, unassigned, private and surrogate code points, line separators: invisible, or meaning nothing.
const INVISIBLE = /[\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|[\u{fe00}-\u{fe0f}]/u;
const CONTROL = /\p{Cc}/u;
const NOT_PORTABLE = /[\\:*?"<>|]/;

/** The name as a careless file system, or a careless reader, would see it. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFC');
}

/** @returns the components, or why not; an empty list is the app's folder itself (reading only) */
export function checkPath(path: string, use: PathUse): { ok: true; parts: string[] } | Refusal {
  const refuse = (code: string, message: string): Refusal => ({ ok: false, code, message, path: printable(path) });
  if (use === 'read' && (path === '' || path === '.')) return { ok: true, parts: [] };
  if (path === '') return refuse('path_empty', 'The path is empty.');
  if (CONTROL.test(path)) return refuse('path_control', 'The path holds a control character.');
  if (path.includes('\\')) return refuse('path_backslash', 'The path holds a backslash; separate folders by "/".');
  if (path.startsWith('/'))
    return refuse('path_absolute', 'The path must be relative to the app, such as "src/app.css".');
  if (Buffer.byteLength(path) > FILE_LIMITS.pathBytes) return refuse('path_long', 'The path is too long.');
  const parts = path.split('/');
  if (parts.length > FILE_LIMITS.depth) return refuse('path_deep', `Folders may be ${FILE_LIMITS.depth} deep at most.`);
  for (const [index, part] of parts.entries()) {
    const problem = nameProblem(part) ?? reservation(part, index, use);
    if (problem) return refuse(...problem);
  }
  return { ok: true, parts };
}

function nameProblem(name: string): [string, string] | undefined {
  if (name === '') return ['path_malformed', 'The path has an empty part.'];
  if (name === '.' || name === '..') return ['path_outside', 'The path must not have "." or ".." in it.'];
  if (Buffer.byteLength(name) > FILE_LIMITS.nameBytes) return ['name_long', 'A name may have 255 bytes at most.'];
  if (NOT_PORTABLE.test(name)) return ['name_characters', 'A name must not hold any of : * ? " < > |'];
  if (INVISIBLE.test(name)) return ['name_unicode', 'A name holds an invisible or undefined character.'];
  if (name.normalize('NFC') !== name) return ['name_unicode', 'A name must be in composed form (NFC).'];
  if (name.normalize('NFKC') !== name)
    return ['name_unicode', 'A name holds a character that only looks like another.'];
  if (/\p{Script=Latin}/u.test(name) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(name)) {
    return ['name_unicode', 'A name mixes letters of alphabets that look alike.'];
  }
  if (/[. ]$/.test(name) || /^ /.test(name))
    return ['name_edges', 'A name must not begin with a space or end with one or a dot.'];
  return undefined;
}

function reservation(name: string, index: number, use: PathUse): [string, string] | undefined {
  const folded = foldName(name);
  if (ALWAYS_RESERVED.test(folded)) return ['path_reserved', `"${name}" belongs to the platform.`];
  if (use !== 'platform' && RESERVED_FOR_MODELS.test(folded))
    return ['path_reserved', `"${name}" is not open to file tools.`];
  if (use === 'write' && index === 0 && RESERVED_TO_WRITE.test(folded)) {
    const road = /^(package|npm-)/.test(folded)
      ? 'add_dependency'
      : folded === 'changes'
        ? 'the database change tools'
        : 'change_spec';
    return ['path_reserved', `"${name}" is changed by ${road}, not by file tools.`];
  }
  // The very names are the platform's; one that differs in case alone would stand beside them.
  if (use === 'platform' && index === 0 && RESERVED_TO_WRITE.test(folded) && name !== folded) {
    return ['path_reserved', `"${name}" differs from "${folded}" in case alone.`];
  }
  return undefined;
}

/** Safe to show: a refusal must not carry the characters that it refuses. */
function printable(path: string): string {
  return path.slice(0, 300).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}]/gu, '\ufffd');
}
