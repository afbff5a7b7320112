/** Brings a repository in as the app of a chat: fetch, adapt, install what it needs, and begin the chat branch with it. Repeating it finds the app. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { readChatRecord } from '../chat-places.ts';
import { createApp } from '../create-app.ts';
import type { PackageParts } from '../packages/change.ts';
import { lookUp } from '../packages/facts.ts';
import { toolchainVersions } from '../packages/install.ts';
import { LOCK_FILE, MANIFEST_FILE, type Needs, writeNeeds } from '../packages/needs.ts';
import { type Adapted, adaptRepository } from './adapt.ts';
import { fetchRepository } from './fetch-repository.ts';

export interface ImportParts extends PackageParts {
  dataDir: string;
  /** hosts that may be private and without TLS */
  importHosts: ReadonlySet<string>;
}

const MOST_PACKAGES = 60;

export async function importApp(
  parts: ImportParts,
  input: { chatId: string; turnId: string; address: string },
  signal: AbortSignal,
): Promise<{ appId: string; slug: string; title: string; notes: string[] }> {
  const chat = await readChatRecord(parts.db, input.chatId);
  if (chat.appId && chat.appSlug)
    return {
      appId: chat.appId,
      slug: chat.appSlug,
      title: chat.appName ?? chat.appSlug,
      notes: ['It was brought in before.'],
    };
  const folder = join(parts.dataDir, 'builds', `import-${randomUUID()}`);
  let adapted: Adapted;
  try {
    const { files, left } = await fetchRepository({
      address: input.address,
      folder,
      allowed: parts.importHosts,
      signal,
    });
    adapted = adaptRepository(files, left, await toolchainVersions(await parts.toolchain()));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { files, notes, title } = adapted;
  const { needs, lock } = await installAll(parts, adapted);
  const manifest = writeNeeds(files.get(MANIFEST_FILE)!.toString(), needs);
  const made = await createApp(parts, { ...input, title }, (slug) => {
    const note = { name: slug, mode: 'vibe-coded', uses: [], toolchain: 'sveltekit-3', imported: input.address };
    const all = new Map<string, Buffer | string>([
      ...files,
      [MANIFEST_FILE, manifest],
      ['vibe.json', `${JSON.stringify(note, null, 2)}\n`],
    ]);
    if (lock !== undefined) all.set(LOCK_FILE, lock);
    return all;
  });
  return { appId: made.appId, slug: made.slug, title, notes };
}

/** What it needs beside the toolchain. An app whose packages cannot be had is brought in without them, and says so. */
async function installAll(
  parts: ImportParts,
  { wanted, notes }: Adapted,
): Promise<{ needs: Needs; lock: string | undefined }> {
  const needs: Needs = { dependencies: {}, devDependencies: {} };
  if (wanted.length === 0) {
    notes.push('It needs no packages beside those that every app has.');
    return { needs, lock: undefined };
  }
  try {
    const registry = await parts.registry();
    for (const { name, version, dev } of wanted.slice(0, MOST_PACKAGES))
      needs[dev ? 'devDependencies' : 'dependencies'][name] =
        version ?? (await lookUp(registry, name, undefined)).version;
    const lock = await parts.layers.relock(await parts.toolchain(), needs, []);
    const names = wanted.map(({ name }) => name);
    notes.push(
      `Its packages are installed, without their scripts: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}.`,
    );
    return { needs, lock };
  } catch (error) {
    notes.push(`Its packages are not installed: ${messageOf(error)} Ask in the chat for those that it needs.`);
    return { needs: { dependencies: {}, devDependencies: {} }, lock: undefined };
  }
}
