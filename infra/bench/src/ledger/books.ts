import { randomUUID } from 'node:crypto';
import type { Engine, PostRequest, Submission } from '@tessera/ledger';
import { refusalTold } from '@tessera/ledger';
import { newId } from '@tessera/service-kit/ids';
import { ledgerOwnChecks } from '@tessera/verify';
import { Client } from 'pg';

const OPENING_MINOR = 1_000_000_000n;
export const SCOPE = `user:${newId('user')}/transferCreate`;

/** Wallets that hold enough for the run; opened by hand, filled by the engine. */
export async function openWallets(databaseUrl: string, engine: Engine, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('wallet'));
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into accounts (id, kind, owner_id, currency, normal_side, floor_minor, opened_at)
       select id, 'WALLET', 'usr_' || substr(id, 5), 'USD', 'CREDIT', 0, now() from unnest($1::text[]) as w (id)`,
      [ids],
    ),
  );
  const settled = await engine.submitAll(ids.map((id) => aTransfer('system:bank:USD', id, OPENING_MINOR)));
  const failed = settled.find((each) => each.status === 'rejected' || each.value.outcome.kind !== 'POSTED');
  if (failed) throw new Error(`A wallet could not be filled: ${JSON.stringify(failed)}`);
  return ids;
}

/** As a client asks: a key of its own, one leg, and an event for the others. */
export function aTransfer(debit: string, credit: string, minor: bigint): Submission {
  const leg = { kind: 'MOVE', debit, credit, amount: { currency: 'USD', minor }, code: 'TRANSFER' } as const;
  const request: PostRequest = { scope: SCOPE, key: randomUUID(), legs: [leg], actor: SCOPE, traceparent: null };
  const origin = { actor: SCOPE, correlationId: request.key, causationId: null, traceparent: null };
  return { request, origin, tell: (outcome) => refusalTold(request, outcome, debit) };
}

/** Every rule of the ledger, over everything that the run wrote; what is wrong, by check. */
export async function violations(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    await client.query(`set work_mem = '256MB'`);
    const found: string[] = [];
    for (const check of ledgerOwnChecks) {
      const samples = await check.run(async (_service, sql, parameters = []) => (await client.query(sql, [...parameters])).rows, 3);
      found.push(...samples.map((sample) => `${check.id}: ${sample}`));
    }
    return found;
  });
}

export async function withClient<T>(connectionString: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function serverVersion(adminUrl: string): Promise<string> {
  const { rows } = await withClient(adminUrl, (client) => client.query<{ server_version: string }>('show server_version'));
  return rows[0]?.server_version ?? 'unknown';
}
