/** An element of the preview in words. What they say comes from the app's page. */
import type { PickedElement } from '../../../../contract/preview.ts';

/** “button: Save” */
export const elementTitle = ({ name, role, tag }: PickedElement): string =>
  name ? `${role || tag}: ${name.slice(0, 60)}` : role || tag;

export const elementPlace = ({ file, line, path }: PickedElement): string =>
  file ? `${file}${line ? `, line ${line}` : ''}` : path;
