import type { Rights } from '#lib/server/access.ts';
import type { Person } from '#lib/server/identity.ts';

declare global {
  namespace App {
    interface Locals {
      person: Person;
      rights: Rights;
    }
    interface PageData {
      flash?: string;
    }
  }
}
