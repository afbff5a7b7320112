/** The pages of a spec, each by its kind. */
import type { Page } from '../../../../../../contract/spec.ts';
import type { Context } from '../../context.ts';
import { boardPage } from './board.ts';
import { calendarPage } from './calendar.ts';
import { chartPage } from './chart.ts';
import { galleryPage } from './gallery.ts';
import { printPage } from './print.ts';

export function pageRoute(context: Context, page: Page): [string, string][] {
  const parts = { context, entity: context.entity(page.entity) };
  switch (page.kind) {
    case 'board':
      return boardPage({ ...parts, page });
    case 'calendar':
      return calendarPage({ ...parts, page });
    case 'gallery':
      return galleryPage({ ...parts, page });
    case 'chart':
      return chartPage({ ...parts, page });
    case 'print':
      return printPage({ ...parts, page });
  }
}
