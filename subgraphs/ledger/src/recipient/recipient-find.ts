import { RateLimited } from '@tessera/service-kit/graphql';
import { rawSql } from '@tessera/service-kit/persistence';
import { AccountEntity } from '../account/account.entity.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { ensureDefaultWallet, receivingWallet } from '../wallet/wallet-ensure.ts';
import { handleKeyOf, MAX_MISSES, MISS_WINDOW_MS, waitMs } from './recipient.ts';

export interface RecipientInput {
  readonly email?: string | null;
  readonly handle?: string | null;
  readonly walletId?: string | null;
}

/**
 * The wallet that money for this recipient goes to; opened on the fly for a known user without one in the currency. Null is a miss, and
 * misses are counted per sender: after 20 in an hour nothing is looked up any more, so that nobody can try out addresses.
 */
export async function recipientFind(
  to: RecipientInput,
  { senderId, currency }: { readonly senderId: string; readonly currency: string },
  context: LedgerUseCaseContext,
): Promise<AccountEntity | RateLimited | null> {
  const { em, now } = context;
  const [known] = await rawSql<{ started_ms: string; misses: number }>(
    em,
    'select floor(extract(epoch from window_started_at) * 1000)::bigint as started_ms, misses from recipient_misses where sender_id = $1',
    [senderId],
  );
  const delayMs = waitMs(known ? { startedAt: new Date(Number(known.started_ms)), misses: known.misses } : null, now);
  if (delayMs > 0) return new RateLimited(delayMs);
  const wallet = await lookUp(to, currency, context);
  if (wallet) return wallet;
  return (await countMiss(senderId, context)) > MAX_MISSES ? new RateLimited(MISS_WINDOW_MS) : null;
}

async function lookUp(to: RecipientInput, currency: string, context: LedgerUseCaseContext): Promise<AccountEntity | null> {
  if (to.walletId) return context.em.findOne(AccountEntity, { id: to.walletId, kind: 'WALLET' });
  const userId = await userOf(to, context);
  if (!userId) return null;
  return (await receivingWallet(context.em, userId, currency)) ?? ensureDefaultWallet(userId, currency, context);
}

/** While two users swap handles, both may hold one for a moment: then it names nobody, rather than the wrong one. */
async function userOf({ email, handle }: RecipientInput, { em, services }: LedgerUseCaseContext): Promise<string | null> {
  const [column, key] = email ? ['email_key', services.emailKeyOf(email)] : ['handle_key', handleKeyOf(handle ?? '')];
  const found = await rawSql<{ user_id: string }>(em, `select user_id from recipients where ${column} = $1 limit 2`, [key]);
  return found.length === 1 ? (found[0]?.user_id ?? null) : null;
}

/** Counts under the row's lock: lookups that race with each other are counted one after the other. */
async function countMiss(senderId: string, { em, now }: LedgerUseCaseContext): Promise<number> {
  const [row] = await rawSql<{ misses: number }>(
    em,
    `insert into recipient_misses as m (sender_id, window_started_at, misses) values ($1, $2::timestamptz, 1)
     on conflict (sender_id) do update set
       misses = case when m.window_started_at <= $3::timestamptz then 1 else m.misses + 1 end,
       window_started_at = case when m.window_started_at <= $3::timestamptz then $2::timestamptz else m.window_started_at end
     returning misses`,
    [senderId, now.toISOString(), new Date(now.getTime() - MISS_WINDOW_MS).toISOString()],
  );
  return row?.misses ?? 1;
}
