import { cardAmountProblem } from '@tessera/schema/contract';
import { ensure } from '@tessera/service-kit/errors';
import { type InvalidInput, invalidField, Money, refuseInvalid } from '@tessera/service-kit/graphql';
import { newId } from '@tessera/service-kit/ids';
import { z } from 'zod';
import { type CartRow, loadLines, removeLines, touchCart } from '../cart/cart.store.ts';
import { CartNotFound } from '../cart/cart.type.ts';
import { lockUsableCart } from '../cart/usable-cart.ts';
import { actOfRequest } from '../cause.ts';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { reserveStock } from '../stock/stock-journal.ts';
import {
  AmountNotChargeable,
  CartEmpty,
  CheckoutCompleted,
  type CheckoutCompleteInput,
  OutOfStock,
  PriceChanged,
  QuoteExpired,
  QuoteNotFound,
} from './checkout.type.ts';
import { offerOf, quoteOffer } from './offer.ts';
import { placeOrder } from './place-order.ts';
import { addressFacts, postalAddressRules } from './postal-address.ts';
import { findQuote, isUsed, type Quote } from './quote.store.ts';
import { isSameOffer, needsShipping } from './quote.ts';
import { riskOf } from './risk.ts';
import { misfitOf, tenderChoiceOf, tenderRules } from './tender.ts';

const rules = z.object({
  cartId: idRule('cart'),
  quoteId: idRule('quote'),
  shippingAddress: postalAddressRules.nullish(),
  ...tenderRules,
});

/**
 * Places an order: prices checked again, stock reserved, cart emptied and the payment asked for, all in the one transaction that also holds
 * the idempotency claim and the outbox; so it happens once or not at all, and is safe to retry. Whether wallet or card is the caller's and
 * good for it is for payments to find out: it shows in `order.payments`, and so does what a customer who pays by card has to do next.
 */
export async function checkoutComplete(input: CheckoutCompleteInput, context: ActContext) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const misfit = misfitOf(input);
  if (misfit) return invalidField(misfit.path, misfit.code, misfit.message);
  const cart = await lockUsableCart(context, input.cartId);
  if (!cart) return new CartNotFound();
  const quote = await findQuote(context.em, input.quoteId);
  if (quote?.cartId !== cart.id) return new QuoteNotFound();
  const lines = await loadLines(context.em, cart.id);
  if (lines.length === 0) return new CartEmpty();
  if (quote.expiresAt <= context.now || (await isUsed(context.em, quote.id))) return new QuoteExpired();

  const address = input.shippingAddress ? addressFacts(input.shippingAddress) : null;
  const offer = await offerOf(context, lines, quote.currency);
  if ('refusal' in offer) return offer.refusal;
  if (!isSameOffer(quote.lines, offer.lines))
    return new PriceChanged(await quoteOffer(context, cart, quote.currency, offer.lines, address));
  if (needsShipping(quote.lines) && !address) return invalidField('shippingAddress', 'required', 'something in the cart has to be sent');
  const unfit = amountProblemOf(input, quote);
  if (unfit) return unfit;
  return reserveAndPlace(input, context, cart, quote, needsShipping(quote.lines) ? address : null);
}

/** What no card could pay is refused before anything is reserved; what costs nothing needs no card. */
function amountProblemOf({ tender }: CheckoutCompleteInput, { currency, totalMinor }: Quote): AmountNotChargeable | null {
  const problem = tender === 'CARD' && totalMinor > 0n ? cardAmountProblem({ currency, minor: totalMinor }) : null;
  if (!problem) return null;
  const { kind, minimumMinor, maximumMinor } = problem;
  return new AmountNotChargeable(new Money(currency, minimumMinor), new Money(currency, maximumMinor), kind === 'NOT_A_STEP');
}

async function reserveAndPlace(
  input: CheckoutCompleteInput,
  context: ActContext,
  cart: CartRow,
  quote: Quote,
  shippingAddress: Parameters<typeof placeOrder>[1]['shippingAddress'],
): Promise<CheckoutCompleted | OutOfStock | InvalidInput> {
  const { em, now, viewer } = context;
  const act = actOfRequest(context);
  const orderId = newId('order');
  const short = await reserveStock(act, orderId, quote.lines);
  if (short.length > 0) return new OutOfStock(short);

  const customerId = ensure(viewer.userId, 'an authenticated user');
  const risk = riskOf(context.services, viewer.clientAddress, shippingAddress);
  await placeOrder(act, { orderId, customerId, quote, shippingAddress, payWith: tenderChoiceOf(input), risk }, context.services);
  await removeLines(em, cart.id);
  await touchCart(em, cart.id, now);
  return new CheckoutCompleted(orderId);
}
