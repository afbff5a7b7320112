/**
 * Loaded before a preview, a build or the tests of an app: SvelteKit reads the whole of TypeScript, once in each of its threads, only to write types
 * for an editor. Where it is not installed SvelteKit does without, so for SvelteKit alone it is not: a quarter of a build's time and 80 MB.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'typescript' && context.parentURL?.includes('/@sveltejs/kit/src/core/sync/'))
      throw Object.assign(new Error('TypeScript is left out here.'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(specifier, context);
  },
});
