import type { Statement } from './sql.ts';

const statement = (name: string, text: string): Statement => ({ name, text });

/** Everything that the engine asks. Each is one round trip, whatever the number of requests. */
export const STATEMENTS = {
  addresses: statement('addresses', 'select id, address from accounts where address = any($1::text[])'),

  /** Two may try at once: the address is unique. */
  openAddresses: statement(
    'open_addresses',
    `insert into accounts (id, address, kind, owner_id, currency, normal_side, floor_minor, opened_at)
     select id, address, kind, owner_id, currency, normal_side, floor_minor::bigint, clock_timestamp()
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
       as a (id, address, kind, owner_id, currency, normal_side, floor_minor)
     order by address
     on conflict (address) do nothing`,
  ),

  lockHolds: statement('lock_holds', 'select from open_holds where hold_id = any($1::text[]) order by hold_id for update'),

  accountsOfHolds: statement(
    'accounts_of_holds',
    "select debit_account_id, credit_account_id from transfers where id = any($1::text[]) and state = 'PENDING'",
  ),

  /** In the order of the ids: no two transactions wait for each other in a circle. */
  lockAccounts: statement(
    'lock_accounts',
    `select id, kind, address, owner_id, currency, normal_side, debits_posted, credits_posted, debits_pending, credits_pending, floor_minor, sequence,
       is_closed, moved_at
     from accounts where id = any($1::text[]) order by id for no key update`,
  ),

  /** Read after the locks, and never before what subtotals are being made of: see `report/subtotal-transfers.ts`. */
  clock: statement(
    'clock',
    `select floor(extract(epoch from greatest(clock_timestamp(), (select until_at from trial_balance_horizon))) * 1000)::bigint as now_ms,
       nextval('ledger_batch_ids') as batch_id`,
  ),

  holds: statement(
    'holds',
    `select h.id, h.debit_account_id, h.credit_account_id, h.amount_minor, h.currency, h.code, h.expires_at, r.state as resolution
     from transfers h left join transfers r on r.resolves = h.id where h.id = any($1::text[]) and h.state = 'PENDING'`,
  ),

  reversals: statement('reversals', 'select reversed_id from reversals where reversed_id = any($1::text[])'),

  keys: statement(
    'keys',
    'select scope, key, fingerprint, refusal, transfer_ids, created_at from transfer_keys where key_hash = any($1::uuid[])',
  ),

  updateAccounts: statement(
    'update_accounts',
    `update accounts a
     set debits_posted = n.debits_posted, credits_posted = n.credits_posted, debits_pending = n.debits_pending,
         credits_pending = n.credits_pending, sequence = n.sequence, moved_at = $7::timestamptz
     from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
       as n (id, debits_posted, credits_posted, debits_pending, credits_pending, sequence)
     where a.id = n.id`,
  ),

  closeHolds: statement('close_holds', 'delete from open_holds where hold_id = any($1::text[])'),
} as const satisfies Readonly<Record<string, Statement>>;
