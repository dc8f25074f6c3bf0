import { InvariantViolation } from '@tessera/service-kit/errors';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { AccountState } from './account.ts';
import { decide } from './decide.ts';
import { itemOf } from './item.ts';
import { NOTHING_KNOWN } from './known.ts';
import { COUNTED_CODES, type DefaultLimits } from './limit.ts';
import type { PostOutcome, PostRequest } from './request.ts';
import { sqlOf } from './sql.ts';

const MAX_REQUESTS = 1_000;

/**
 * Posts requests inside the caller's transaction, for effects that must be one commit with something else of the caller's; what stands alone
 * goes to the lanes (`engine.ts`). Safe to retry: the same key answers the same outcome. When two transactions race with one new key, the
 * second gets a unique violation, on which the kit runs its transaction again.
 * @param defaultLimits what holds for senders for whom nobody has set anything; whoever posts what users send each other has to say
 * @param onOpened told of the wallets that came to be; whoever names receivers has to tell others of them
 */
export async function post(
  em: EntityManager,
  requests: readonly PostRequest[],
  defaultLimits: DefaultLimits | null = null,
  onOpened: OnOpened | null = null,
): Promise<readonly PostOutcome[]> {
  if (!em.isInTransaction()) throw new InvariantViolation('The engine posts inside the transaction of its caller.');
  if (requests.length > MAX_REQUESTS) throw new InvariantViolation(`The engine takes at most ${MAX_REQUESTS} requests.`);
  if (requests.length === 0) return [];
  if (defaultLimits === null && requests.some(hasCountedLeg))
    throw new InvariantViolation('What counts for limits is posted with the defaults.');
  const { outcomes, opened, writes } = await decide(sqlOf(em), requests.map(itemOf), NOTHING_KNOWN, defaultLimits ?? {});
  await Promise.all(writes);
  if (opened.length > 0 && !onOpened) throw new InvariantViolation('Nobody is told of a wallet that was opened.');
  for (const wallet of opened) onOpened?.(wallet);
  return outcomes;
}

export type OnOpened = (wallet: AccountState) => void;

function hasCountedLeg({ legs }: PostRequest): boolean {
  return legs.some((leg) => leg.kind === 'MOVE' && COUNTED_CODES.includes(leg.code));
}
