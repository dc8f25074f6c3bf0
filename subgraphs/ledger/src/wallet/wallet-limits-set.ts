import type { InvalidInput } from '@tessera/service-kit/graphql';
import { refuseInvalid } from '@tessera/service-kit/graphql';
import { rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { AccountEntity } from '../account/account.entity.ts';
import { MAX_MINOR, sqlIsCounted } from '../engine/index.ts';
import { plainText } from '../plain-text.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { CurrencyMismatch } from '../transfer/transfer-create.type.ts';
import { walletIdRule } from '../transfer/transfer-item.ts';
import { WalletNotFound } from './wallet.type.ts';
import { WalletLimitsChanged, type WalletLimitsSetInput } from './wallet-limits.type.ts';

const bound = z.object({ minor: z.bigint().min(0n, '0 or more').max(MAX_MINOR) }).nullish();
const rules = z.object({ walletId: walletIdRule, perTransfer: bound, perDay: bound, reason: plainText });

/** Wallets opened meanwhile wait, see the migration; then the wallets in the order of the engine, so that nothing is under way when the day is added up. */
const LOCK = `select pg_advisory_xact_lock(727006, user_limits_lock($1))`;
const LOCK_WALLETS = `select id from accounts where owner_id = $1 and currency = $2 and kind = 'WALLET' order by id for no key update`;
const MARK_WALLETS = `update accounts set is_limited = $3 where owner_id = $1 and currency = $2 and kind = 'WALLET' and is_limited <> $3`;
const SET = `
  insert into user_limits (owner_id, currency, per_transfer_minor, per_day_minor, is_own, used_on, counted_until, used_minor)
  select $1, $2, $3::bigint, $4::bigint, true, d.today, d.now, coalesce((
    select sum(t.amount_minor) from accounts a join transfers t on t.debit_account_id = a.id
    where a.owner_id = $1 and a.currency = $2 and a.kind = 'WALLET' and ${sqlIsCounted('t', 'a')} and t.state = 'POSTED'
      and t.created_at >= d.today::timestamp at time zone 'UTC'), 0)
  from (select now, (now at time zone 'UTC')::date as today from (select clock_timestamp() as now) c) d
  on conflict (owner_id, currency) do update set per_transfer_minor = excluded.per_transfer_minor, per_day_minor = excluded.per_day_minor,
    is_own = true, used_on = excluded.used_on, counted_until = excluded.counted_until, used_minor = excluded.used_minor`;
const REMEMBER = `
  insert into user_limit_changes (owner_id, currency, wallet_id, per_transfer_minor, per_day_minor, reason, actor, traceparent, changed_at)
  values ($1, $2, $3, $4::bigint, $5::bigint, $6, $7, $8, clock_timestamp())`;

/** Sets what a user may send in the currency of a wallet. What was sent today already counts. */
export async function walletLimitsSet(
  input: WalletLimitsSetInput,
  { em, viewer, request }: LedgerUseCaseContext,
): Promise<WalletLimitsChanged | WalletNotFound | CurrencyMismatch | InvalidInput> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { walletId, perTransfer, perDay } = input;
  const wallet = await em.findOne(AccountEntity, { id: walletId, kind: 'WALLET' });
  if (!wallet?.ownerId) return new WalletNotFound(['input', 'walletId']);
  if (perTransfer && perTransfer.currency !== wallet.currency) return new CurrencyMismatch(['input', 'perTransfer', 'currency']);
  if (perDay && perDay.currency !== wallet.currency) return new CurrencyMismatch(['input', 'perDay', 'currency']);
  const holder = [wallet.ownerId, wallet.currency];
  const bounds = [perTransfer?.minor.toString() ?? null, perDay?.minor.toString() ?? null];
  await rawSql(em, LOCK, [wallet.ownerId]);
  await rawSql(em, LOCK_WALLETS, holder);
  await rawSql(em, SET, [...holder, ...bounds]);
  await rawSql(em, MARK_WALLETS, [...holder, bounds.some((minor) => minor !== null)]);
  await rawSql(em, REMEMBER, [...holder, walletId, ...bounds, input.reason.trim(), viewer.principal, request.traceparent]);
  return new WalletLimitsChanged(walletId);
}
