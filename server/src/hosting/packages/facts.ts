/** What the registry says of a package, put so that a person can decide by it. None of it is more than the registry's word, and it is shown as that. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Registry } from './registry.ts';
import { exactVersion, type PackageFacts } from './schema.ts';

/** Some packages with a long history have some ten megabytes. */
const LARGEST_DOCUMENT = 40 * 1024 * 1024;

const text = z.string().max(20_000).optional().catch(undefined);
const map = z.record(z.string(), z.unknown()).optional().catch(undefined);

const versionSchema = z.object({
  version: exactVersion,
  description: text,
  license: z
    .union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)])
    .optional()
    .catch(undefined),
  dependencies: map,
  optionalDependencies: map,
  peerDependencies: map,
  scripts: map,
  hasInstallScript: z.boolean().optional().catch(undefined),
  deprecated: z.union([z.string(), z.boolean()]).optional().catch(undefined),
  dist: z.object({
    integrity: text,
    shasum: text,
    unpackedSize: z.number().optional().catch(undefined),
    fileCount: z.number().optional().catch(undefined),
  }),
});

const documentSchema = z.object({
  name: z.string(),
  'dist-tags': z.record(z.string(), z.string()).optional().catch(undefined),
  versions: z.record(z.string(), z.unknown()),
  time: z.record(z.string(), z.unknown()).optional().catch(undefined),
  description: text,
});

const STABLE = /^(\d+)\.(\d+)\.(\d+)$/;

/**
 * One version of a package, the newest stable one unless it is named.
 * @throws AppError `package_not_found`, `version_not_found`, `package_withdrawn`, or what the registry does
 */
export async function lookUp(registry: Registry, name: string, version: string | undefined): Promise<PackageFacts> {
  const found = await registry.json(`${registry.basePath}${name.replace('/', '%2f')}`, LARGEST_DOCUMENT);
  const document = documentSchema.safeParse(found).data;
  if (!document || document.name !== name)
    throw new AppError('package_not_found', 'missing', `The registry has no package “${name}”.`);
  const chosen = version ?? newest(document);
  const one = versionSchema.safeParse(
    Object.hasOwn(document.versions, chosen ?? '') && document.versions[chosen!],
  ).data;
  if (!chosen || !one || one.version !== chosen)
    throw new AppError(
      'version_not_found',
      'missing',
      version ? `The registry has no version ${version} of “${name}”.` : `“${name}” has no stable version.`,
      { detail: version ? `The newest stable one is ${newest(document) ?? 'none'}.` : 'Name an exact version.' },
    );
  const integrity = one.dist.integrity ?? sha1(one.dist.shasum);
  if (!integrity)
    throw new AppError(
      'package_withdrawn',
      'conflict',
      `The registry does not say what “${name}” ${chosen} must be like, so it cannot be checked.`,
    );
  return { name, version: chosen, integrity, facts: factsOf(document, one, chosen) };
}

type Document = z.infer<typeof documentSchema>;
type Version = z.infer<typeof versionSchema>;

function factsOf(document: Document, one: Version, chosen: string): PackageFacts['facts'] {
  const scripts = Object.keys(one.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name));
  const needs = Object.keys({ ...one.dependencies, ...one.optionalDependencies }).length;
  const peers = Object.keys(one.peerDependencies ?? {});
  const { unpackedSize, fileCount } = one.dist;
  const [published, first] = [dayOf(document.time?.[chosen]), dayOf(document.time?.created)];
  const count = Object.keys(document.versions).length;
  const latest = newest(document);
  const about = oneLine(one.description ?? document.description, 160);
  const facts: [string, string | undefined][] = [
    ['Says of itself', about && `“${about}”`],
    ['Licence', oneLine(one.license, 60) ?? 'none named'],
    ['Published', published && `${published}${latest && latest !== chosen ? `; ${latest} is newer` : ''}`],
    ['Known since', first && `${first}, ${count === 1 ? 'one version' : `${count} versions`}`],
    [
      'Size',
      unpackedSize === undefined
        ? undefined
        : `${sizeOf(unpackedSize)}${fileCount ? ` in ${fileCount === 1 ? 'one file' : `${fileCount} files`}` : ''}`,
    ],
    [
      'Needs',
      `${needs === 0 ? 'no other package' : needs === 1 ? 'one other package' : `${needs} other packages`}${peers.length > 0 ? `; goes with ${oneLine(peers.join(', '), 120)}` : ''}`,
    ],
    ['Install scripts', scripts.length > 0 || one.hasInstallScript ? 'it has some; they will not be run' : 'none'],
    ['Deprecated', one.deprecated ? (oneLine(String(one.deprecated), 160) ?? 'yes') : undefined],
  ];
  return facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

/** The newest version without a suffix; what the package itself calls the latest, if it is one. */
function newest({ versions, 'dist-tags': tags }: Document): string | undefined {
  const latest = tags?.latest;
  if (latest && STABLE.test(latest) && Object.hasOwn(versions, latest)) return latest;
  const numbers = (version: string) => STABLE.exec(version)!.slice(1).map(Number) as [number, number, number];
  return Object.keys(versions)
    .filter((version) => STABLE.test(version))
    .map((version) => ({ version, at: numbers(version) }))
    .sort(({ at: a }, { at: b }) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2])[0]?.version;
}

const sha1 = (hex: string | undefined): string | undefined =>
  hex && /^[0-9a-f]{40}$/.test(hex) ? `sha1-${Buffer.from(hex, 'hex').toString('base64')}` : undefined;

/** What somebody else wrote: one line without signs that could make it look like ours. */
function oneLine(text: string | undefined, most: number): string | undefined {
  const line = text?.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (!line) return undefined;
  return line.length > most ? `${line.slice(0, most).trimEnd()}…` : line;
}

function dayOf(value: unknown): string | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const day = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(at);
  const days = Math.floor((Date.now() - at) / 86_400_000);
  if (days < 0) return day;
  const ago =
    days === 0
      ? 'today'
      : days === 1
        ? 'yesterday'
        : days < 60
          ? `${days} days ago`
          : days < 730
            ? `${Math.floor(days / 30.4)} months ago`
            : `${Math.floor(days / 365.25)} years ago`;
  return `${day} (${ago})`;
}

const sizeOf = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 ** 2
      ? `${Math.round(bytes / 1024)} KB`
      : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
