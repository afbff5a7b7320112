/** What is there while a batch is worked out: the catalogue, and what earlier operations of the batch have made. */
import type { Catalog, CatalogTable } from '../router/catalog.ts';
import { Refusal } from '../router/refusal.ts';
import type { Access } from './access.ts';

export class Known {
  readonly #catalog: Catalog;
  readonly #made = new Map<string, Set<string> | undefined>();
  readonly #enums = new Set<string>();
  readonly #views = new Map<string, boolean>();
  /** who may do what, as it is at this point of the batch */
  readonly access: Access;

  constructor(catalog: Catalog, access: Access) {
    this.#catalog = catalog;
    this.access = { functions: new Map(access.functions), policies: new Set(access.policies) };
  }

  table(name: string): CatalogTable | undefined {
    return this.#catalog.schemas.map((schema) => this.#catalog.tables.get(`${schema}.${name}`)).find(Boolean);
  }
  /** @throws Refusal when there is no such table */
  columns(name: string): Set<string> {
    if (this.#made.has(name)) {
      const made = this.#made.get(name);
      if (made) return made;
    } else {
      const table = this.table(name);
      if (table?.kind === 'table') {
        const columns = new Set(table.columns.map((column) => column.name));
        this.#made.set(name, columns);
        return columns;
      }
    }
    throw new Refusal(
      'unknown_table',
      `There is no table ${name}.`,
      `Tables: ${this.names().join(', ') || 'none yet'}.`,
    );
  }
  /** @throws Refusal when the table or the column is not there */
  column(table: string, column: string): void {
    if (!this.columns(table).has(column))
      throw new Refusal(
        'unknown_column',
        `${table} has no column ${column}.`,
        `Columns: ${[...this.columns(table)].join(', ')}.`,
      );
  }
  /** @throws Refusal when something is called so already */
  free(name: string): void {
    const there = this.#made.has(name) ? this.#made.get(name) !== undefined : this.table(name)?.kind === 'table';
    if (there || this.isView(name) || this.table(name)?.kind === 'other')
      throw new Refusal('taken', `There is a table or view ${name} already.`);
  }
  make(name: string, columns: Iterable<string>): void {
    this.#made.set(name, new Set(columns));
  }
  remove(name: string): void {
    this.#made.set(name, undefined);
  }
  isView(name: string): boolean {
    return this.#views.get(name) ?? this.table(name)?.kind === 'view';
  }
  setView(name: string, there: boolean): void {
    this.#views.set(name, there);
  }
  /** Columns of a table or view; undefined where they are not known: of a view that this batch has made. @throws Refusal */
  readable(name: string): Set<string> | undefined {
    if (!this.isView(name)) return this.columns(name);
    const view = this.table(name);
    return view?.kind === 'view' ? new Set(view.columns.map((column) => column.name)) : undefined;
  }
  rows(name: string): number {
    const table = this.table(name);
    return table ? Math.max(table.estimate, 0) : 0;
  }
  makeEnum(name: string): void {
    this.#enums.add(name);
  }
  isEnum(name: string): boolean {
    return (
      this.#enums.has(name) || this.#catalog.schemas.some((schema) => this.#catalog.enums.has(`${schema}.${name}`))
    );
  }
  names(): string[] {
    return [...this.#catalog.tables.values()].map((table) => table.name).sort();
  }
}
