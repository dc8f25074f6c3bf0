import { InvariantViolation } from '../errors/index.ts';
import { type EntityManager, rawSql, sqlState } from '../persistence/index.ts';
import type { Fingerprint } from './fingerprint.ts';
import { encodeOutcome, type StoredOutcome } from './outcome.ts';

export interface KeyScope {
  readonly principal: string;
  readonly mutation: string;
  readonly key: string;
}

export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'known'; readonly fingerprint: Fingerprint; readonly outcome: StoredOutcome };

/** Thrown when another transaction holds the key longer than we are willing to wait. */
export class ClaimInProgress extends Error {
  override readonly name = 'ClaimInProgress';
}

const CLAIM_WAIT = '2s';
const LOCK_NOT_AVAILABLE = '55P03';
const KEEP_DAYS = 30;

/**
 * Claims the key inside the caller's transaction: the row commits together with the effect. A second claim waits for the first transaction
 * (bounded) and then sees either its outcome or, when it rolled back, a free key.
 */
export async function claimKey(em: EntityManager, scope: KeyScope, fingerprint: Fingerprint, keep: 'days' | 'forever'): Promise<Claim> {
  const { principal, mutation, key } = scope;
  await rawSql(em, `set local lock_timeout = '${CLAIM_WAIT}'`);
  const claimed = await insertClaim(em, [principal, mutation, key, JSON.stringify(fingerprint), keep === 'forever' ? null : KEEP_DAYS]);
  await rawSql(em, 'set local lock_timeout to default');
  if (claimed.length > 0) return { kind: 'claimed' };
  const [known] = await rawSql<{ fingerprint: Fingerprint; outcome: StoredOutcome }>(
    em,
    'select fingerprint, outcome from idempotency_keys where principal = $1 and mutation = $2 and key = $3',
    [principal, mutation, key],
  );
  if (!known?.outcome) throw new InvariantViolation('An idempotency key was committed without its outcome.');
  return { kind: 'known', ...known };
}

/** Writes the outcome beside the claim; both become visible with the commit. */
export async function storeOutcome(em: EntityManager, { principal, mutation, key }: KeyScope, outcome: object): Promise<void> {
  await rawSql(em, 'update idempotency_keys set outcome = $4::jsonb where principal = $1 and mutation = $2 and key = $3', [
    principal,
    mutation,
    key,
    encodeOutcome(outcome),
  ]);
}

async function insertClaim(em: EntityManager, parameters: readonly unknown[]) {
  try {
    return await rawSql(
      em,
      `insert into idempotency_keys as known (principal, mutation, key, fingerprint, expires_at)
       values ($1, $2, $3, $4::jsonb, now() + make_interval(days => $5::int))
       on conflict (principal, mutation, key) do update
         set fingerprint = excluded.fingerprint, outcome = null, created_at = now(), expires_at = excluded.expires_at
         where known.expires_at < now()
       returning key`,
      parameters,
    );
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) throw new ClaimInProgress();
    throw error;
  }
}
