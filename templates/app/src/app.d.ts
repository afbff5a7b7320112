import type { Person } from '#lib/server/identity.ts';

declare global {
  namespace App {
    interface Locals {
      person: Person;
    }
    interface PageData {
      flash?: string;
    }
  }
}
