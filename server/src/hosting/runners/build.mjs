/** Runs inside a build's sandbox: `vite build` of the exported tree at /w/app. */
import { existsSync, writeFileSync } from 'node:fs';
import { createBuilder } from 'vite';

process.on('SIGTERM', () => process.exit(143));
process.chdir('/w/app');
if (!existsSync('package.json'))
  writeFileSync('package.json', '{ "name": "app", "private": true, "type": "module" }\n');
try {
  const config = {
    root: '/w/app',
    configLoader: 'native',
    cacheDir: '/tmp/vite',
    clearScreen: false,
    logLevel: 'warn',
  };
  // SvelteKit builds several environments; `build` alone would make only the browser's.
  const builder = await createBuilder(config, null);
  await builder.buildApp();
  // Whatever a plugin left open must not keep a finished build waiting.
  process.exit(0);
} catch (error) {
  console.error(describe(error));
  process.exit(1);
}

/** The message, and where: a stack says nothing to the person who reads it. */
function describe(error) {
  const place = error?.loc ? ` (${error.loc.file ?? error.id ?? ''}:${error.loc.line}:${error.loc.column})` : '';
  const id = !place && error?.id ? ` (${error.id})` : '';
  return `${error?.message ?? error}${place}${id}${error?.frame ? `\n${error.frame}` : ''}`.replaceAll('/w/app/', '');
}
