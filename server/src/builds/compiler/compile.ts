/**
 * Turns a spec into a SvelteKit app: the same spec always gives the same files, byte for byte. What does not depend on the spec lies as
 * ordinary files in templates/; what does is written by one module per kind of file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Spec, specSchema } from '../../../../contract/spec.ts';
import { isUpload } from '../spec/kinds.ts';
import { type Context, contextOf } from './context.ts';
import { csvRoute } from './files/csv-route.ts';
import { detailRoute } from './files/detail-route.ts';
import { formRoute } from './files/form-route.ts';
import { homeFiles } from './files/home.ts';
import { listRoute } from './files/list-route.ts';
import { modelFile } from './files/model.ts';
import { pageRoute } from './files/pages/pages.ts';
import { projectFiles } from './files/project.ts';
import { queriesFile } from './files/queries.ts';
import { hasRoles, rulesFile } from './files/rules.ts';
import { testFiles } from './files/tests.ts';
import { themeFile } from './files/theme.ts';
import { uploadFiles } from './files/uploads.ts';
import { withLimits } from './visible.ts';

const templates = fileURLToPath(new URL('../../../../templates/', import.meta.url));

/**
 * @param spec checked again, so a spec from disk can be passed as it is
 * @param options `slug` names the app in its package and chooses its colour
 * @returns every file of the app by its path, sorted
 */
export function compile(spec: Spec, options: { slug: string }): Map<string, string> {
  const valid = withLimits(specSchema.parse(spec));
  const context = contextOf(valid);
  const files = new Map<string, string>([...staticFiles('app'), ...staticFiles('tables')]);
  const add = (made: [string, string][]) => {
    for (const [path, content] of made) files.set(path, content);
  };
  add(projectFiles(valid, options.slug));
  files.set('src/theme.css', themeFile(options.slug, valid.colour));
  add(languageFiles(context, files));
  add(homeFiles(context));
  if (hasRoles(context)) {
    add(staticFiles('roles'));
    files.set('src/lib/server/rules.ts', rulesFile(context));
  }
  if (valid.entities.some((entity) => entity.fields.some(isUpload))) {
    add(staticFiles('uploads'));
    add(uploadFiles(context));
  }
  for (const entity of valid.entities) {
    files.set(`src/lib/${entity.slug}.ts`, modelFile(context, entity));
    files.set(`src/lib/server/${entity.slug}.ts`, queriesFile(context, entity));
    add(listRoute(context, entity));
    add(formRoute(context, entity));
    add(detailRoute(context, entity));
    add(csvRoute(context, entity));
    add(testFiles(context, entity));
  }
  for (const page of valid.pages ?? []) add(pageRoute(context, page));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What differs by language: the words that the app says itself, and what its pages are said to be written in. */
function languageFiles({ language }: Context, files: Map<string, string>): [string, string][] {
  const page = files.get('src/app.html')!.replace('<html lang="en">', `<html lang="${language}">`);
  return [
    ['src/lib/words.ts', readFileSync(join(templates, `words/${language}.ts`), 'utf8')],
    ['src/app.html', page],
  ];
}

/** The files of a template as they are. `gitignore` gets its dot here, so that it does not act on our own repository. */
function staticFiles(folder: 'app' | 'tables' | 'uploads' | 'roles'): [string, string][] {
  const root = join(templates, folder);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const inApp = relative(root, path).replaceAll('\\', '/');
      return [inApp === 'gitignore' ? '.gitignore' : inApp, readFileSync(path, 'utf8')];
    });
}
