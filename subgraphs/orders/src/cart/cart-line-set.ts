import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { VariantNotFound } from '../stock/stock.type.ts';
import { loadVariants } from '../variant/variant.load.ts';
import { priceIn } from '../variant/variant.ts';
import { loadLines, putLines, touchCart } from './cart.store.ts';
import { decideSet, MAX_QUANTITY } from './cart.ts';
import { CartChanged, CartFull, type CartLineSetInput, CartNotFound, NotSoldInCurrency } from './cart.type.ts';
import { lockUsableCart } from './usable-cart.ts';

const rules = z.object({ cartId: idRule('cart').nullish(), variantId: idRule('variant'), quantity: z.int().min(1).max(MAX_QUANTITY) });

/** Says how many of a variant a cart holds. One transaction with its idempotency claim; safe to retry. */
export async function cartLineSet(input: CartLineSetInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, now } = context;
  const cart = await lockUsableCart(context, input.cartId);
  if (!cart) return new CartNotFound();
  const variant = (await loadVariants(em, [input.variantId])).get(input.variantId);
  if (!variant?.isSold) return new VariantNotFound();
  if (priceIn(variant, cart.currency) === null) return new NotSoldInCurrency(cart.currency, [variant.id]);

  const decision = decideSet(await loadLines(em, cart.id), variant.id, input.quantity);
  if (decision.outcome !== 'changed') return new CartFull();
  await putLines(em, cart.id, [{ variantId: variant.id, quantity: decision.quantity }], now);
  await touchCart(em, cart.id, now);
  return new CartChanged(cart.id);
}
