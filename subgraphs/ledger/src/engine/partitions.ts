import { sqlState } from '@tessera/service-kit/persistence';
import { DatabaseError } from 'pg';
import type { Sql } from './sql.ts';

const MONTHS_AHEAD = 3;
const CHECK_VIOLATION = '23514';
const TABLE = 'transfers';

/** Makes the partitions of this month and the next ones where they are missing; answers how many. */
export async function ensurePartitions(sql: Sql): Promise<number> {
  const statement = { name: 'ensure_partitions', text: 'select ensure_transfer_partitions($1::integer) as made' };
  const [row] = await sql.query<{ made: number }>(statement, [MONTHS_AHEAD]);
  return Number(row?.made ?? 0);
}

/**
 * The service was away for so long that nobody made this month's partition. PostgreSQL reports it as a check that names the table and no
 * constraint; its text depends on the language of the server.
 */
export function isMissingPartition(error: unknown): boolean {
  return sqlState(error) === CHECK_VIOLATION && error instanceof DatabaseError && error.table === TABLE && error.constraint === undefined;
}
