/** Where a statement of a chat goes, and what the schemas there are to it. */
import { appSchema, databasesOf, draftSchema, siteSchema } from '../names.ts';

/** staging and live are what the pill says; a chat's own draft is named explicitly. */
export type TargetName = 'staging' | 'live' | 'draft';

/** What a schema is. Rules are kept by it: the same table may be read in one and written in another. */
export type Environment = 'draft' | 'site' | 'staging' | 'mirror' | 'live';

export interface Target {
  name: TargetName;
  database: string;
  /** in the order in which names are looked for */
  schemas: { name: string; environment: Environment }[];
}

/** What of a chat decides where its statements go. */
export interface ChatData {
  chat8: string;
  containerSlug: string;
  appSlug: string;
  mode: 'vibe-coded' | 'dual-repository';
}

export function targetOf(chat: ChatData, name: TargetName): Target {
  const { staging, live } = databasesOf(chat.containerSlug);
  const own = appSchema(chat.appSlug);
  const dual = chat.mode === 'dual-repository';
  if (name === 'draft')
    return {
      name,
      database: staging,
      schemas: [{ name: draftSchema(chat.appSlug, chat.chat8), environment: 'draft' }],
    };
  if (name === 'live') return { name, database: live, schemas: [{ name: own, environment: 'live' }] };
  return {
    name,
    database: staging,
    schemas: dual
      ? [
          { name: own, environment: 'mirror' },
          { name: siteSchema(chat.appSlug), environment: 'site' },
        ]
      : [{ name: own, environment: 'staging' }],
  };
}
