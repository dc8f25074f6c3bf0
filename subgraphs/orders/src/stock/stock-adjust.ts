import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { actOfRequest } from '../cause.ts';
import { idRule, lineRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { adjustStock } from './adjust-stock.ts';
import { ownVariant } from './own-variant.ts';
import { MAX_ON_HAND } from './stock.ts';
import { StockAdjusted, type StockAdjustInput, StockBelowReserved, VariantNotFound } from './stock.type.ts';

const MAX_PIECES = 1_000_000;

const rules = z
  .object({
    variantId: idRule('variant'),
    delta: z
      .int()
      .min(-MAX_PIECES)
      .max(MAX_PIECES)
      .refine((delta) => delta !== 0, 'must not be 0')
      .nullish(),
    onHand: z.int().min(0).max(MAX_PIECES).nullish(),
    reason: lineRule(200),
  })
  .refine(({ delta, onHand }) => (delta ?? null) === null || (onHand ?? null) === null, {
    path: ['delta'],
    message: 'give delta or onHand, not both',
  })
  .refine(({ delta, onHand }) => (delta ?? null) !== null || (onHand ?? null) !== null, {
    path: ['delta'],
    message: 'give delta or onHand',
  });

/**
 * Changes the stock of one of the caller's own variants. Runs inside the transaction that also holds the idempotency claim, so it happens
 * once or not at all; safe to retry.
 */
export async function stockAdjust(input: StockAdjustInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const variant = await ownVariant(context, input.variantId);
  if (!variant) return new VariantNotFound();
  if (variant.kind === 'DIGITAL_UNITS')
    return invalidField('variantId', 'digital', 'has as much stock as secrets were deposited: use unitsDeposit');

  const change = typeof input.delta === 'number' ? { delta: input.delta } : { onHand: input.onHand ?? 0 };
  const decision = await adjustStock(actOfRequest(context), variant.id, change, input.reason);
  if (decision.outcome === 'too much') return invalidField('delta', 'too_big', `at most ${MAX_ON_HAND} pieces can be on hand`);
  if (decision.outcome === 'refused') return new StockBelowReserved(decision.reserved);
  return new StockAdjusted(variant.id, decision.delta);
}
