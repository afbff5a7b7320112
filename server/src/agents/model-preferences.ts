/** What the owner has set about models: the order per kind of agent, prices, and whether models think first. */
import { type Db, many, maybe, run, sql, transaction } from '../db/database.ts';
import type { Price } from './models/catalogue.ts';

export interface OwnPrice extends Price {
  setAt: Date;
}

export interface Preferences {
  orders: Map<string, string[]>;
  prices: Map<string, OwnPrice>;
  thinking: boolean;
}

export class ModelPreferences {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async all(organisationId: string): Promise<Preferences> {
    const [orderRows, priceRows, settings] = await Promise.all([
      many(
        this.#db,
        sql<{ agent_kind: string; model: string }>`
          select agent_kind, model from model_orders where organisation_id = ${organisationId} order by agent_kind, position`,
      ),
      many(
        this.#db,
        sql<
          OwnPrice & { model: string }
        >`select model, input::float8 as input, output::float8 as output, cache_read::float8 as "cacheRead",
          cache_write::float8 as "cacheWrite", set_at as "setAt" from model_prices where organisation_id = ${organisationId}`,
      ),
      maybe(
        this.#db,
        sql<{ thinking: boolean }>`select thinking from model_settings where organisation_id = ${organisationId}`,
      ),
    ]);
    const orders = new Map<string, string[]>();
    for (const { agent_kind, model } of orderRows) orders.set(agent_kind, [...(orders.get(agent_kind) ?? []), model]);
    return {
      orders,
      prices: new Map(priceRows.map(({ model, ...price }) => [model, price])),
      thinking: settings?.thinking ?? false,
    };
  }

  /** Sets the whole order of a kind; an empty one follows the keys again. */
  async setOrder(organisationId: string, kind: string, models: string[]): Promise<void> {
    await transaction(this.#db, async (tx) => {
      // two that set it at once take turns: the later one stands whole
      await run(tx, sql`select pg_advisory_xact_lock(hashtextextended(${`order ${organisationId}`}, 2))`);
      await run(tx, sql`delete from model_orders where organisation_id = ${organisationId} and agent_kind = ${kind}`);
      for (const [i, model] of models.entries())
        await run(
          tx,
          sql`insert into model_orders (organisation_id, agent_kind, position, model) values (${organisationId}, ${kind}, ${i + 1}, ${model})`,
        );
    });
  }

  async setPrice(organisationId: string, model: string, price: Price, by: string): Promise<void> {
    await run(
      this.#db,
      sql`insert into model_prices (organisation_id, model, input, output, cache_read, cache_write, set_by)
        values (${organisationId}, ${model}, ${price.input}, ${price.output}, ${price.cacheRead}, ${price.cacheWrite}, ${by})
        on conflict (organisation_id, model) do update set input = excluded.input, output = excluded.output, cache_read = excluded.cache_read,
          cache_write = excluded.cache_write, set_by = excluded.set_by, set_at = now()`,
    );
  }

  /** Back to the list's price, or to unknown. */
  async forgetPrice(organisationId: string, model: string): Promise<void> {
    await run(this.#db, sql`delete from model_prices where organisation_id = ${organisationId} and model = ${model}`);
  }

  async setThinking(organisationId: string, thinking: boolean): Promise<void> {
    await run(
      this.#db,
      sql`insert into model_settings (organisation_id, thinking) values (${organisationId}, ${thinking})
        on conflict (organisation_id) do update set thinking = excluded.thinking`,
    );
  }
}
