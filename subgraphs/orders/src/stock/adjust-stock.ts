import { ensure } from '@tessera/service-kit/errors';
import type { Act } from '../cause.ts';
import { type AdjustDecision, decideAdjust } from './stock.ts';
import { lockStock, moveStock } from './stock-journal.ts';

/** Changes what is on hand, under the lock of the row; a change of nothing leaves no trace in the journal. */
export async function adjustStock(
  act: Act,
  variantId: string,
  change: { readonly delta: number } | { readonly onHand: number },
  reason: string,
  factKey?: string,
): Promise<AdjustDecision> {
  const level = ensure((await lockStock(act.em, [variantId])).get(variantId), 'the stock row of a known variant');
  const decision = decideAdjust(level, change);
  if (decision.outcome === 'adjusted' && decision.delta !== 0) {
    await moveStock(act, [{ variantId, kind: 'ADJUST', onHand: decision.delta, reserved: 0, sold: 0, reason, factKey }]);
  }
  return decision;
}
