import { sqlIsCounted } from './limit.ts';
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

  /**
   * In the order of the ids: no two transactions wait for each other in a circle. All of them as one text, parted by U+001E and U+001F, which
   * none of the columns holds: that is received in a third of the time of rows. `$2`: with what never changes about them.
   */
  lockAccounts: statement(
    'lock_accounts',
    `select string_agg(account, E'\\x1e') as accounts, max(moved_at)::text as moved_at
     from (
       select moved_at, concat_ws(E'\\x1f', id, debits_posted, credits_posted, debits_pending, credits_pending, sequence, is_closed, is_limited,
         coalesce(floor_minor::text, ''),
         case when $2::boolean then concat_ws(E'\\x1f', kind, coalesce(address, ''), coalesce(owner_id, ''), currency, normal_side) end) as account
       from accounts where id = any($1::text[]) order by id for no key update
     ) a`,
  ),

  /** Read after the locks, and never before what subtotals are being made of: see `report/subtotal-transfers.ts`. */
  clock: statement(
    'clock',
    `select floor(extract(epoch from greatest(clock_timestamp(), (select until_at from trial_balance_horizon))) * 1000)::bigint as now_ms,
       nextval('ledger_batch_ids') as batch_id`,
  ),

  /** In one order, as the accounts. */
  lockLimits: statement(
    'lock_limits',
    `select l.owner_id, l.currency, l.per_transfer_minor, l.per_day_minor, l.is_own, l.used_minor, l.used_on::text
     from user_limits l join unnest($1::text[], $2::text[]) as o (owner_id, currency) using (owner_id, currency)
     order by l.owner_id, l.currency for update of l`,
  ),

  /** For those to whom a default applies for the first time; what they have sent today already counts. Two may try at once. */
  openLimits: statement(
    'open_limits',
    `insert into user_limits (owner_id, currency, is_own, used_on, counted_until, used_minor)
     select o.owner_id, o.currency, false, d.today, d.now, coalesce((
       select sum(t.amount_minor) from accounts a join transfers t on t.debit_account_id = a.id
       where a.owner_id = o.owner_id and a.currency = o.currency and a.kind = 'WALLET' and ${sqlIsCounted('t', 'a')} and t.state = 'POSTED'
         and t.created_at >= d.today::timestamp at time zone 'UTC'), 0)
     from unnest($1::text[], $2::text[]) as o (owner_id, currency), (select now, (now at time zone 'UTC')::date as today from (select clock_timestamp() as now) c) d
     order by 1, 2 on conflict (owner_id, currency) do nothing`,
  ),

  updateLimits: statement(
    'update_limits',
    `update user_limits l set used_minor = n.used_minor, used_on = n.used_on, counted_until = $5::timestamptz
     from unnest($1::text[], $2::text[], $3::bigint[], $4::date[]) as n (owner_id, currency, used_minor, used_on)
     where l.owner_id = n.owner_id and l.currency = n.currency`,
  ),

  holds: statement(
    'holds',
    `select h.id, h.debit_account_id, h.credit_account_id, h.amount_minor, h.currency, h.code, h.expires_at, r.state as resolution
     from transfers h left join transfers r on r.resolves = h.id where h.id = any($1::text[]) and h.state = 'PENDING'`,
  ),

  reversals: statement('reversals', 'select reversed_id from reversals where reversed_id = any($1::text[])'),

  keys: statement(
    'keys',
    'select scope, key, fingerprint, refusal, transfer_ids, batch_id from transfer_keys where key_hash = any($1::uuid[])',
  ),

  /** As `keyHash` writes them. */
  decidedKeys: statement(
    'decided_keys',
    "select replace(key_hash::text, '-', '') as place from transfer_keys where key_hash = any($1::uuid[])",
  ),

  /** What `from unnest(…, …)` makes is put aside, one array after the other, and then read again; these come as they are needed. */
  updateAccounts: statement(
    'update_accounts',
    `update accounts a
     set debits_posted = n.debits_posted, credits_posted = n.credits_posted, debits_pending = n.debits_pending,
         credits_pending = n.credits_pending, sequence = n.sequence, moved_at = $7::timestamptz
     from (
       select unnest($1::text[]) as id, unnest($2::bigint[]) as debits_posted, unnest($3::bigint[]) as credits_posted,
         unnest($4::bigint[]) as debits_pending, unnest($5::bigint[]) as credits_pending, unnest($6::bigint[]) as sequence
     ) n
     where a.id = n.id`,
  ),

  closeHolds: statement('close_holds', 'delete from open_holds where hold_id = any($1::text[])'),
} as const satisfies Readonly<Record<string, Statement>>;
