/** What things are called in the data cluster. Slugs have no underscore, so `-` → `_` and `__` as separator never collide. */

export interface ContainerDatabases {
  staging: string;
  live: string;
}

const under = (slug: string): string => slug.replaceAll('-', '_');

/** The two databases of a container. */
export const databasesOf = (containerSlug: string): ContainerDatabases => ({
  staging: `${under(containerSlug)}__staging`,
  live: `${under(containerSlug)}__live`,
});

/** How the names of all roles of a container begin. @param database one of its two */
export const prefixOf = (database: string): string => `${database.replace(/__(staging|live)$/, '')}.`;

/** Production of a vibe-coded app, in staging. */
export const appSchema = (appSlug: string): string => under(appSlug);
/** The staging site's writable copy of a dual-repository app. */
export const siteSchema = (appSlug: string): string => `${under(appSlug)}__staging`;
/** A chat's draft. */
export const draftSchema = (appSlug: string, chat8: string): string => `${under(appSlug)}__c${chat8}`;
/** Where a merge tries its changes first. */
export const rehearsalSchema = (appSlug: string, releaseId: string): string =>
  `${under(appSlug)}__r${releaseId.replaceAll('-', '').slice(-12)}`;
/** The rows of a draft as they were before a turn. */
export const snapshotSchema = (draft: string, label: string): string => `${draft}__${label}`;

/** Roles belong to the whole cluster, so they carry the container's name. The owner runs changes; the runtime role is the app's. */
export const rolesOf = (containerSlug: string, schema: string): { owner: string; runtime: string } => ({
  owner: `${under(containerSlug)}.${schema}.own`.slice(0, 63),
  runtime: `${under(containerSlug)}.${schema}.run`.slice(0, 63),
});

/** The role that a chat's statements run as in one target; `write` is the one that a person's yes lets in for one statement. */
export const queryRoleOf = (containerSlug: string, chat8: string, target: string, write = false): string =>
  `${under(containerSlug)}.q_${chat8}.${target}${write ? '.w' : ''}`.slice(0, 63);

export interface MirrorNames {
  /** owns the mirror's tables and cannot log in */
  owner: string;
  /** applies what live sends, in the owner's name */
  subscriber: string;
  /** reads live for the mirror */
  reader: string;
  publication: string;
  subscription: string;
  slot: string;
}

/** What the mirror of one app is made of. Slots and roles belong to the whole cluster, so they carry the container's name. */
export const mirrorNamesOf = (containerSlug: string, appSlug: string): MirrorNames => {
  const role = (kind: string) => `${under(containerSlug)}.${under(appSlug)}.${kind}`.slice(0, 63);
  return {
    owner: role('mir'),
    subscriber: role('sub'),
    reader: role('pub'),
    publication: `vibe_${under(appSlug)}`,
    subscription: `vibe_${under(appSlug)}`,
    slot: `vibe_${under(containerSlug)}__${under(appSlug)}`.slice(0, 63),
  };
};
