/**
 * Who may do what with which rows: a rule per table, app, environment and action, of the container's organisation. The narrowest one that is
 * set counts; where none is, the conservative defaults do. Loosened deliberately, never by accident.
 */
import type { Action } from './statement.ts';
import type { Environment } from './targets.ts';

export type Verdict = 'allow' | 'ask' | 'deny';

export interface Rule {
  environment: Environment;
  action: Action;
  /** null: every app of the container */
  appId: string | null;
  /** null: every table */
  table: string | null;
  verdict: Verdict;
}

export interface Effective {
  verdict: Verdict;
  /** in plain words: which rule that is */
  because: string;
}

const DEFAULTS: Readonly<Record<Environment, Readonly<Record<Action, Verdict>>>> = {
  draft: { read: 'allow', insert: 'allow', update: 'allow', delete: 'allow' },
  site: { read: 'allow', insert: 'allow', update: 'allow', delete: 'allow' },
  mirror: { read: 'allow', insert: 'deny', update: 'deny', delete: 'deny' },
  staging: { read: 'allow', insert: 'ask', update: 'ask', delete: 'ask' },
  live: { read: 'allow', insert: 'ask', update: 'ask', delete: 'ask' },
};

export const PLACES: Readonly<Record<Environment, string>> = {
  draft: 'this chat’s draft',
  site: 'the staging site',
  mirror: 'the copy of live',
  staging: 'the app’s tables in use',
  live: 'the live database',
};

/** The rule that holds for one table and action, with the rule itself where one is set. @param places what they are called in its words */
export function effectiveRule<R extends Rule>(
  rules: readonly R[],
  what: { environment: Environment; action: Action; appId: string; table: string },
  places: Readonly<Record<Environment, string>> = PLACES,
): Effective & { rule?: R } {
  if (what.environment === 'mirror' && what.action !== 'read')
    return {
      verdict: 'deny',
      because: 'The copy of live is only read: the next change of live would overwrite what is written here.',
    };
  const fits = rules
    .filter(
      (rule) =>
        rule.environment === what.environment &&
        rule.action === what.action &&
        (rule.appId === null || rule.appId === what.appId) &&
        (rule.table === null || rule.table === what.table),
    )
    .sort((a, b) => narrowness(b) - narrowness(a));
  const rule = fits[0];
  if (!rule)
    return {
      verdict: DEFAULTS[what.environment][what.action],
      because: `The default for ${places[what.environment]}.`,
    };
  const scope = rule.table !== null ? `for ${rule.table}` : rule.appId !== null ? 'for this app' : 'for every app';
  return { rule, verdict: rule.verdict, because: `A rule that was set ${scope} in ${places[what.environment]}.` };
}

const narrowness = (rule: Rule): number => (rule.table === null ? 0 : 2) + (rule.appId === null ? 0 : 1);

const ORDER: Verdict[] = ['allow', 'ask', 'deny'];

/** The strictest of several. */
export const strictest = (verdicts: Effective[]): Effective =>
  verdicts.reduce((worst, one) => (ORDER.indexOf(one.verdict) > ORDER.indexOf(worst.verdict) ? one : worst), {
    verdict: 'allow',
    because: '',
  });
