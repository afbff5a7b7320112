import { error } from '@sveltejs/kit';
import { fileOf } from '#lib/server/files.ts';
import type { RequestHandler } from './$types';

/** Pictures are shown; anything else is only ever saved to disk, so that no file can act as a page of this app. */
export const GET: RequestHandler = async ({ params }) => {
  const file = await fileOf(params.id);
  if (!file) error(404);
  const shown = file.type.startsWith('image/');
  const name = encodeURIComponent(file.name);
  return new Response(new Uint8Array(file.content), {
    headers: {
      'content-type': shown ? file.type : 'application/octet-stream',
      'content-disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=31536000, immutable',
    },
  });
};
