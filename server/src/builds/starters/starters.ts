/** The starters, as the first screen offers them. */
import { bookings } from './bookings.ts';
import { crm } from './crm.ts';
import { inventory } from './inventory.ts';
import { issueTracker } from './issue-tracker.ts';
import { knowledgeBase } from './knowledge-base.ts';
import type { Starter } from './starter.ts';
import { survey } from './survey.ts';

export const starters: readonly Starter[] = [crm, bookings, inventory, issueTracker, knowledgeBase, survey];
