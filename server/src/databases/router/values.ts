/** Values as PostgreSQL writes them, as JSON: numbers where nothing is lost by it, and the rest as text. */

/** Names of the types that a person meets; others are asked of the server. */
export const TYPE_NAMES: Readonly<Record<number, string>> = {
  16: 'boolean',
  17: 'bytea',
  18: 'char',
  19: 'name',
  20: 'bigint',
  21: 'smallint',
  23: 'integer',
  25: 'text',
  26: 'oid',
  114: 'json',
  3802: 'jsonb',
  700: 'real',
  701: 'double precision',
  790: 'money',
  1042: 'character',
  1043: 'varchar',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamptz',
  1186: 'interval',
  1266: 'timetz',
  1700: 'numeric',
  2950: 'uuid',
  1000: 'boolean[]',
  1007: 'integer[]',
  1009: 'text[]',
  1016: 'bigint[]',
  1231: 'numeric[]',
  2951: 'uuid[]',
  3807: 'jsonb[]',
};

const WHOLE = new Set([20, 21, 23, 26]);
const REAL = new Set([700, 701]);

/** @param text null for NULL */
export function jsonValue(typeId: number, text: string | null): unknown {
  if (text === null) return null;
  if (typeId === 16) return text === 't';
  if (WHOLE.has(typeId) || REAL.has(typeId)) {
    const value = Number(text);
    return Number.isFinite(value) && (REAL.has(typeId) || Number.isSafeInteger(value)) ? value : text;
  }
  if (typeId === 114 || typeId === 3802) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text;
}
