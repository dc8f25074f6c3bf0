import type { ActContext } from '../services.ts';
import { type CartRow, findCart, findOwnCart, mayUse } from './cart.store.ts';

/** The named cart, or the caller's own, locked against other changes; null where there is none or it is not theirs. */
export async function lockUsableCart(
  { em, viewer }: Pick<ActContext, 'em' | 'viewer'>,
  cartId: string | null | undefined,
): Promise<CartRow | null> {
  if (cartId) {
    const cart = await findCart(em, cartId, 'for update');
    return cart && mayUse(cart, viewer) ? cart : null;
  }
  return viewer.userId ? findOwnCart(em, viewer.userId, 'for update') : null;
}
