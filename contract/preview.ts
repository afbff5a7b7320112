/**
 * What a page in the preview may say to the platform. It comes from a page that an app made, so it is believed no further than these
 * shapes: lengths are limited, places are relative, and nothing of it is ever an instruction or an address to go to.
 */
import { z } from 'zod';

/** A path on an app's own origin: never an address that leads elsewhere. */
export const appPath = z
  .string()
  .max(2000)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .regex(/^\/(?![/\\])[^\u0000-\u0020\u007f\\]*$/, 'A path of the app, such as /books?sort=title');

/** Where an element stands in its page: made by the picker, and good for nothing but finding it again. */
export const elementPath = z
  .string()
  .max(2000)
  .regex(/^[a-z][a-z0-9-]*(?::nth-of-type\(\d{1,5}\))?(?: > [a-z][a-z0-9-]*(?::nth-of-type\(\d{1,5}\))?){0,60}$/);

/** A file of the app, relative to its folder. */
const appFile = z
  .string()
  .max(300)
  .regex(/^(?!\/)(?!.*\.\.)[\w@+()[\]./ -]+$/);
const place = { file: appFile.nullable(), line: z.int().min(1).max(1_000_000).nullable() };

/** An element that a person pointed at. */
export const pickedElementSchema = z.object({
  ...place,
  path: appPath.describe('The page that it is on'),
  selector: elementPath,
  tag: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  role: z.string().max(40),
  name: z.string().max(200).describe('Accessible name, or the beginning of its text'),
  viewport: z.object({ width: z.int().min(200).max(4000), height: z.int().min(150).max(4000) }),
});
export type PickedElement = z.infer<typeof pickedElementSchema>;

/** Something that went wrong in the preview: in a browser, or on its server. */
export const previewProblemSchema = z.object({
  ...place,
  message: z.string().min(1).max(500),
  stack: z.string().max(2000),
});
export type PreviewProblem = z.infer<typeof previewProblemSchema>;

/** From a page in the preview's frame. */
export const pageMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('vibe-nonce'), nonceHash: z.string().max(200) }),
  z.object({ type: z.literal('vibe-problem'), problem: previewProblemSchema }),
  z.object({ type: z.literal('vibe-picked'), element: pickedElementSchema }),
  z.object({ type: z.literal('vibe-pick-ended') }),
  z.object({ type: z.literal('vibe-page'), path: appPath }),
  z.object({ type: z.literal('vibe-missing'), path: appPath }),
]);
