import { TesseraError } from '@tessera/service-kit/errors';
import { refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { idRule } from '../input-rules.ts';
import type { ActContext } from '../services.ts';
import { createCart, deleteCart, findCart, findOwnCart, loadLines, putLines, touchCart } from './cart.store.ts';
import { decideMerge } from './cart.ts';
import { CartChanged, CartFull, type CartMergeInput, CartNotFound } from './cart.type.ts';

const rules = z.object({ cartId: idRule('cart') });

/**
 * Moves the lines of an anonymous cart into the caller's own after they signed in. An own cart with lines keeps its currency; lines that
 * are not sold in it stay visible without a price. One transaction with its idempotency claim; safe to retry.
 */
export async function cartMerge(input: CartMergeInput, context: ActContext) {
  const { em, now, viewer } = context;
  if (!viewer.userId) throw new TesseraError('UNAUTHENTICATED', 'cartMerge moves a cart into your own: send an access token.');
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const anonymous = await findCart(em, input.cartId, 'for update');
  if (!anonymous || (anonymous.ownerId !== null && anonymous.ownerId !== viewer.userId)) return new CartNotFound();
  if (anonymous.ownerId === viewer.userId) return new CartChanged(anonymous.id);

  const own = (await findOwnCart(em, viewer.userId, 'for update')) ?? (await createCart(em, viewer.userId, anonymous.currency, now));
  const ownLines = await loadLines(em, own.id);
  const decision = decideMerge(ownLines, await loadLines(em, anonymous.id));
  if (decision.outcome === 'full') return new CartFull();

  await putLines(em, own.id, decision.lines, now);
  await touchCart(em, own.id, now, ownLines.length === 0 ? anonymous.currency : null);
  await deleteCart(em, anonymous.id);
  return new CartChanged(own.id);
}
