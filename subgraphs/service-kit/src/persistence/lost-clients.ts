import type { Pool, PoolClient } from 'pg';

/**
 * Gives a connection that was lost while in use back to its pool. Kysely keeps the one of a transaction whose rollback fails, as it does
 * when the server has gone (kysely issue 1990): ten of them, and the pool would be empty for ever, and would never close.
 */
export function giveBackLostClients(pool: Pool): void {
  const inUse = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => inUse.add(client));
  pool.on('release', (_error, client) => inUse.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      if (!inUse.has(client)) return;
      client.release(new Error('The connection was lost'));
      client.release = () => undefined; // whoever holds it may still give it back
    });
  });
}
