import type { CurrencyCode } from '@tessera/schema/contract';
import { type InvalidInput, invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { VariantNotFound } from '../stock/stock.type.ts';
import { loadVariants } from '../variant/variant.load.ts';
import { defaultCurrency, priceIn, type VariantFacts } from '../variant/variant.ts';
import { type CartRow, createCart, loadLines, putLines, touchCart } from './cart.store.ts';
import { type CartLineFacts, decideAdd, MAX_QUANTITY } from './cart.ts';
import { CartChanged, CartFull, type CartLineAddInput, CartNotFound, NotSoldInCurrency } from './cart.type.ts';
import { lockUsableCart } from './usable-cart.ts';

const rules = z.object({
  cartId: idRule('cart').nullish(),
  variantId: idRule('variant'),
  quantity: z.int().min(1).max(MAX_QUANTITY).nullish(),
});

type CartLineAdded = CartChanged | CartNotFound | VariantNotFound | NotSoldInCurrency | CartFull | InvalidInput;

/** Puts a variant into a cart, creating the cart where there is none. One transaction with its idempotency claim; safe to retry. */
export async function cartLineAdd(input: CartLineAddInput, context: ActContext): Promise<CartLineAdded> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, now } = context;
  const variant = (await loadVariants(em, [input.variantId])).get(input.variantId);
  if (!variant?.isSold) return new VariantNotFound();

  const cart = await lockUsableCart(context, input.cartId);
  if (input.cartId && !cart) return new CartNotFound();
  const lines = cart ? await loadLines(em, cart.id) : [];
  const currency = currencyOf(input, variant, cart, lines);
  if (typeof currency === 'object') return currency;
  if (priceIn(variant, currency) === null) return new NotSoldInCurrency(currency, [variant.id]);

  const decision = decideAdd(lines, variant.id, input.quantity ?? 1);
  if (decision.outcome === 'full') return new CartFull();
  if (decision.outcome === 'too many') return invalidField('quantity', 'too_big', `a cart holds at most ${MAX_QUANTITY} of a variant`);

  const { id, version } = cart ?? (await createCart(em, context.viewer.userId, currency, now));
  // Another request has just created the caller's cart: decide again, on what it holds.
  if (!cart && version > 1) return cartLineAdd(input, context);
  await putLines(em, id, [{ variantId: variant.id, quantity: decision.quantity }], now);
  await touchCart(em, id, now, currency);
  return new CartChanged(id);
}

/** A cart with lines keeps its currency; an empty one takes the asked for, or the variant's own. */
function currencyOf(
  { currency }: CartLineAddInput,
  variant: VariantFacts,
  cart: CartRow | null,
  lines: readonly CartLineFacts[],
): CurrencyCode | InvalidInput {
  if (cart && lines.length > 0) {
    if (currency && currency !== cart.currency)
      return invalidField('currency', 'cart_currency', `the cart is in ${cart.currency}: empty it first`);
    return cart.currency;
  }
  return currency ?? defaultCurrency(variant) ?? invalidField('variantId', 'no_price', 'has no price yet');
}
