import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { actOfRequest } from '../cause.ts';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { ownVariant } from '../stock/own-variant.ts';
import { VariantNotFound } from '../stock/stock.type.ts';
import { depositUnits } from './deposit-units.ts';
import { NotDigital, UnitsDeposited, type UnitsDepositInput } from './unit.type.ts';

const MAX_SECRETS = 1_000;
const MAX_SECRET_CHARS = 4_096;
const MAX_TOTAL_CHARS = 1_000_000;

const rules = z.object({
  variantId: idRule('variant'),
  secrets: z
    .array(
      z
        .string()
        .min(1)
        .max(MAX_SECRET_CHARS)
        .refine((text) => text.trim().length > 0, 'must not be blank'),
    )
    .min(1)
    .max(MAX_SECRETS)
    .refine((all) => new Set(all).size === all.length, 'must all be different')
    .refine((all) => all.reduce((sum, text) => sum + text.length, 0) <= MAX_TOTAL_CHARS, 'must hold at most 1,000,000 characters in all'),
});

/**
 * Puts secrets of one of the caller's own variants on sale. They are sealed at once; only their count goes into the outcome. Runs inside
 * the transaction that also holds the idempotency claim, so it happens once or not at all; safe to retry.
 */
export async function unitsDeposit(input: UnitsDepositInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const variant = await ownVariant(context, input.variantId);
  if (!variant) return new VariantNotFound();
  if (variant.kind !== 'DIGITAL_UNITS') return new NotDigital();

  const decision = await depositUnits(actOfRequest(context), variant, input.secrets, context.services);
  if (decision.outcome === 'refused') {
    return invalidField(
      `secrets.${decision.knownIndexes[0]}`,
      'not_unique',
      `was deposited before, as were ${decision.knownIndexes.length - 1} others`,
    );
  }
  return new UnitsDeposited(variant.id, input.secrets.length);
}
