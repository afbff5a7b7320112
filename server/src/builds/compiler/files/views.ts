/** The other ways to look at a list, as links above it. */
import type { Entity } from '../../../../../contract/spec.ts';
import type { Context } from '../context.ts';
import { quoted } from '../text.ts';

/** Markup of the links between an entity's list and its pages; nothing when there is only the list. */
export function viewLinks(context: Context, entity: Entity): string | undefined {
  const pages = (context.spec.pages ?? []).filter((page) => page.entity === entity.id);
  if (pages.length === 0) return undefined;
  const links = [
    { label: entity.plural, href: `/${entity.slug}` },
    ...pages.map((page) => ({ label: page.name, href: `/${page.slug}` })),
  ];
  const list = links.map(({ label, href }) => `{ label: ${quoted(label)}, href: '${href}' }`);
  return `<Views links={[${list.join(', ')}]} />`;
}
