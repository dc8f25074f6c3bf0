import { createHash } from 'node:crypto';
import { query } from '@tessera/local';
import type { Platform } from '../platform/platform.ts';

/**
 * Tables that a refusal may touch: what was decided under a key, what limits count, how far events have come, and the chain of the ledger's batches, in which
 * refusals stand too and which is sealed, proved and counted a little later. Everything else is business.
 */
const NOT_BUSINESS = [
  ...['idempotency_keys', 'transfer_keys', 'counters', 'recipient_misses'],
  ...[
    'consumer_positions',
    'provider_cursors',
    'inbox',
    'outbox_streams',
    'aggregate_sequences',
    'mikro_orm_migrations',
    'replay_requests',
  ],
  ...['ledger_batches', 'unsealed_batches', 'ledger_seals', 'ledger_proof_progress'],
  ...['trial_balance_horizon', 'trial_balance_subtotals', 'balance_hint_switch'],
];
/** Tables whose rows carry a count of failures, or a time of last use: only their number is compared. */
const COUNTED_ONLY = ['email_codes', 'sessions', 'outbox', 'mails'];
/** A refusal of the ledger is a fact that is kept and told. */
const CONDITIONS: Readonly<Record<string, string>> = {
  'ledger.transfers': "where state <> 'REFUSED'",
  'ledger.outbox': "where type <> 'TransferRefused'",
};

/** One mark per business table of all services: its number of rows, and what is in them. */
export type Stored = Readonly<Record<string, string>>;

export async function readStored({ verifyUrls }: Platform): Promise<Stored> {
  const perService = await Promise.all(Object.entries(verifyUrls).map(([service, url]) => readDatabase(service, url)));
  return Object.assign({}, ...perService);
}

/** Names of the tables that differ. */
export function differing(before: Stored, after: Stored): string[] {
  return Object.keys(after).filter((table) => before[table] !== after[table]);
}

async function readDatabase(service: string, url: string): Promise<Stored> {
  const tables = await query(
    url,
    // a partitioned table stands for its partitions
    "select relname as table_name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1",
  );
  const names = tables.map(({ table_name: name }) => String(name)).filter((name) => !NOT_BUSINESS.includes(name));
  const parts = names.map((name) => {
    const content = COUNTED_ONLY.includes(name) ? "''" : "coalesce(md5(string_agg(t::text, E'\\n' order by t::text)), '')";
    return `select '${service}.${name}' as name, count(*) || ' ' || ${content} as mark from "${name}" t ${CONDITIONS[`${service}.${name}`] ?? ''}`;
  });
  const rows = await query(url, parts.join(' union all '));
  return Object.fromEntries(rows.map(({ name, mark }) => [String(name), short(String(mark))]));
}

function short(mark: string): string {
  return createHash('sha256').update(mark).digest('hex').slice(0, 16);
}
