import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { removeLines, touchCart } from './cart.store.ts';
import { CartChanged, type CartClearInput, CartNotFound } from './cart.type.ts';
import { lockUsableCart } from './usable-cart.ts';

const rules = z.object({ cartId: idRule('cart').nullish() });

/** Empties a cart. One transaction with its idempotency claim; safe to retry. */
export async function cartClear(input: CartClearInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const cart = await lockUsableCart(context, input.cartId);
  if (!cart) return new CartNotFound();
  await removeLines(context.em, cart.id);
  await touchCart(context.em, cart.id, context.now);
  return new CartChanged(cart.id);
}
