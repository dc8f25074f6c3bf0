import { ensure } from '@tessera/service-kit/errors';
import type { KeyedCall } from '@tessera/service-kit/graphql';
import { areDecided, type FactKey, type PostRequest } from '../engine/index.ts';
import { MAX_MISSES, MISS_WINDOW_MS } from '../recipient/recipient.ts';
import { countMisses } from '../recipient/recipient-misses.ts';
import type { LedgerServices } from '../services.ts';
import type { Parties } from './parties.ts';
import type { BatchItem } from './transfer-batch.ts';
import { receiving, senderRefusal } from './transfer-item.ts';

type Call = KeyedCall<LedgerServices>;

/** What is to become of an item: it goes to the engine, as a movement or as a refusal to remember; or it may not be looked up now. */
export type ItemPlan =
  | { readonly kind: 'MOVE'; readonly to: string }
  | { readonly kind: 'REFUSED'; readonly refusedFor: NonNullable<PostRequest['refusedFor']>; readonly side: 'debit' | 'credit' }
  | { readonly kind: 'LIMITED'; readonly waitMs: number };

export interface BatchPlan {
  /** One for each item. */
  readonly plans: readonly ItemPlan[];
  /** Misses that were counted, although none is remembered yet. */
  readonly countedMisses: number;
}

const UNKNOWN: ItemPlan = { kind: 'REFUSED', refusedFor: 'RECIPIENT_NOT_FOUND', side: 'credit' };

/**
 * Finds payers and recipients of all items, in a number of statements that does not grow with them. Misses count as they do for single
 * transfers, in the order of the items: past the 20th of an hour nothing that is new is told any more, so that a batch cannot try out addresses.
 * @param common the key under which all items are decided as one, if they are
 */
export async function planItems(items: readonly BatchItem[], call: Call, common: FactKey | null): Promise<BatchPlan> {
  const parties = await call.services.findPartiesOfBatch(items.map(({ asked }) => asked));
  const plans = items.map((item, at) => planOf(item, ensure(parties[at], 'the parties of an item')));
  const waitMs = parties[0]?.waitMs ?? 0;
  if (waitMs === 0 && !plans.includes(UNKNOWN)) return { plans, countedMisses: 0 };
  return withinMisses(plans, await decidedBefore(items, call, common), { waitMs, call });
}

function planOf(item: BatchItem, parties: Parties): ItemPlan {
  const refusedFor = senderRefusal(parties, item);
  if (refusedFor) return { kind: 'REFUSED', refusedFor, side: 'debit' };
  const to = receiving(parties, item.amount.currency);
  return to ? { kind: 'MOVE', to } : UNKNOWN;
}

async function decidedBefore(items: readonly BatchItem[], { services }: Call, common: FactKey | null): Promise<boolean[]> {
  const em = services.em.fork();
  if (!common)
    return areDecided(
      em,
      items.map(({ fact }) => fact),
    );
  const [isDecided = false] = await areDecided(em, [common]);
  return items.map(() => isDecided);
}

/** What was decided before is answered by its key, whatever came to be known since, and is not a miss again. */
async function withinMisses(
  plans: readonly ItemPlan[],
  isDecided: readonly boolean[],
  { waitMs, call }: { readonly waitMs: number; readonly call: Call },
): Promise<BatchPlan> {
  const isMiss = (plan: ItemPlan, at: number): boolean => plan === UNKNOWN && !isDecided[at];
  const misses = plans.filter(isMiss).length;
  const sender = ensure(call.viewer.userId, 'the sender');
  const isLimited = waitMs > 0;
  const countedMisses = isLimited ? 0 : misses;
  const em = call.services.em.fork();
  let count = countedMisses === 0 ? 0 : (await countMisses(em, sender, { now: call.now, misses })) - misses;
  let isStopped = isLimited;
  const within = plans.map((plan, at): ItemPlan => {
    if (isDecided[at] || (plan.kind === 'REFUSED' && plan.side === 'debit')) return plan;
    if (isMiss(plan, at)) count += 1;
    isStopped ||= count > MAX_MISSES;
    return isStopped ? { kind: 'LIMITED', waitMs: isLimited ? waitMs : MISS_WINDOW_MS } : plan;
  });
  return { plans: within, countedMisses };
}
