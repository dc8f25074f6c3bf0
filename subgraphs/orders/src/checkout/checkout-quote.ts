import { refuseInvalid } from '@tessera/service-kit/graphql';
import { rawSql } from '@tessera/service-kit/persistence';
import { z } from 'zod';
import { loadLines } from '../cart/cart.store.ts';
import { CartNotFound } from '../cart/cart.type.ts';
import { lockUsableCart } from '../cart/usable-cart.ts';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { type Demand, type Shortage, sumDemand } from '../stock/stock.ts';
import { CartEmpty, CheckoutQuoted, type CheckoutQuoteInput, OutOfStock } from './checkout.type.ts';
import { offerOf, quoteOffer } from './offer.ts';
import { addressFacts, postalAddressRules } from './postal-address.ts';

const rules = z.object({ cartId: idRule('cart'), shippingAddress: postalAddressRules.nullish() });

/**
 * Holds the price of a cart for a while. Looks at the stock without reserving it: the purchase decides. One transaction with its idempotency
 * claim; safe to retry.
 */
export async function checkoutQuote(input: CheckoutQuoteInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const cart = await lockUsableCart(context, input.cartId);
  if (!cart) return new CartNotFound();
  const lines = await loadLines(context.em, cart.id);
  if (lines.length === 0) return new CartEmpty();

  const currency = input.currency ?? cart.currency;
  const offer = await offerOf(context, lines, currency);
  if ('refusal' in offer) return offer.refusal;
  const short = await shortNow(context, lines);
  if (short.length > 0) return new OutOfStock(short);
  return new CheckoutQuoted(
    await quoteOffer(context, cart, currency, offer.lines, input.shippingAddress ? addressFacts(input.shippingAddress) : null),
  );
}

async function shortNow({ em }: ActContext, lines: readonly Demand[]): Promise<Shortage[]> {
  const demand = sumDemand(lines);
  const rows = await rawSql<{ variantId: string; available: number }>(
    em,
    'select variant_id as "variantId", available from stock_items where variant_id = any($1::text[])',
    [demand.map(({ variantId }) => variantId)],
  );
  const left = new Map(rows.map(({ variantId, available }) => [variantId, available]));
  return demand.flatMap(({ variantId, quantity }) => {
    const available = left.get(variantId) ?? 0;
    return available < quantity ? [{ variantId, requested: quantity, available }] : [];
  });
}
