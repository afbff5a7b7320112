/**
 * Turns a spec into a SvelteKit app: the same spec always gives the same files, byte for byte. What does not depend on the spec lies as
 * ordinary files in templates/app; what does is written by one module per kind of file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Spec, specSchema } from '../../../../contract/spec.ts';
import { detailRoute } from './files/detail-route.ts';
import { formRoute } from './files/form-route.ts';
import { homeFiles } from './files/home.ts';
import { listRoute } from './files/list-route.ts';
import { modelFile } from './files/model.ts';
import { projectFiles } from './files/project.ts';
import { queriesFile } from './files/queries.ts';
import { testFiles } from './files/tests.ts';
import { themeFile } from './files/theme.ts';

const template = fileURLToPath(new URL('../../../../templates/app/', import.meta.url));

/**
 * @param spec checked again, so a spec from disk can be passed as it is
 * @param options `slug` names the app in its package and chooses its colour
 * @returns every file of the app by its path, sorted
 */
export function compile(spec: Spec, options: { slug: string }): Map<string, string> {
  const valid = specSchema.parse(spec);
  const files = new Map<string, string>(staticFiles());
  const add = (made: [string, string][]) => {
    for (const [path, content] of made) files.set(path, content);
  };
  add(projectFiles(valid, options.slug));
  files.set('src/theme.css', themeFile(options.slug));
  add(homeFiles(valid));
  for (const entity of valid.entities) {
    files.set(`src/lib/${entity.slug}.ts`, modelFile(entity));
    files.set(`src/lib/server/${entity.slug}.ts`, queriesFile(entity));
    add(listRoute(entity));
    add(formRoute(entity));
    add(detailRoute(entity));
    add(testFiles(entity));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The files that every app has. `gitignore` gets its dot here, so that it does not act on our own repository. */
function staticFiles(): [string, string][] {
  return readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const inApp = relative(template, path).replaceAll('\\', '/');
      return [inApp === 'gitignore' ? '.gitignore' : inApp, readFileSync(path, 'utf8')];
    });
}
