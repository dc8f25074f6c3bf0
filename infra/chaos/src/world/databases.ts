import pg from 'pg';
import type { SubgraphName } from './environment.ts';
import type { StoredWorld } from './stored-world.ts';

const CONNECTIONS = 2;

/** Reads what services have written down, as a role that can do nothing else. */
export interface Databases {
  ask<Row extends pg.QueryResultRow>(service: SubgraphName, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Safe to call again. */
  close(): Promise<void>;
}

export function openDatabases({ verifyUrls }: StoredWorld): Databases {
  const pools = new Map<SubgraphName, pg.Pool>();
  const poolOf = (service: SubgraphName): pg.Pool => {
    const pool = pools.get(service) ?? new pg.Pool({ connectionString: verifyUrls[service], max: CONNECTIONS });
    if (!pools.has(service)) pool.on('error', () => undefined); // an idle connection that ends is opened anew
    pools.set(service, pool);
    return pool;
  };
  return {
    ask: async (service, sql, values = []) => (await poolOf(service).query(sql, [...values])).rows,
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.end()));
    },
  };
}
