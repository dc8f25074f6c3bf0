import { Public } from '@tessera/service-kit/access';
import { ensure } from '@tessera/service-kit/errors';
import { Money } from '@tessera/service-kit/graphql';
import { isId } from '@tessera/service-kit/ids';
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ProductVariantStub } from '../foreign/variant.type.ts';
import type { OrdersContext } from '../services.ts';
import { lineTitle } from '../variant/variant.ts';
import { subtotal } from './cart.ts';
import {
  Cart,
  CartChanged,
  CartClearInput,
  CartClearResult,
  CartLine,
  CartLineAddInput,
  CartLineAddResult,
  CartLineRemoveInput,
  CartLineRemoveResult,
  CartLineSetInput,
  CartLineSetResult,
  CartMergeInput,
  CartMergeResult,
} from './cart.type.ts';
import { type CartView, type LineView, readCart, readOwnCart } from './cart.view.ts';
import { cartClear } from './cart-clear.ts';
import { cartLineAdd } from './cart-line-add.ts';
import { cartLineRemove } from './cart-line-remove.ts';
import { cartLineSet } from './cart-line-set.ts';
import { cartMerge } from './cart-merge.ts';

@Resolver(() => Cart)
export class CartResolver {
  @Public()
  @Query(() => Cart, {
    nullable: true,
    description: "A cart by its id, or the caller's own; null where there is none or it is somebody else's.",
  })
  cart(
    @Arg('cartId', () => ID, { nullable: true, description: 'The cart; your own when left out.' }) cartId: string | null,
    @Ctx() context: OrdersContext,
  ) {
    if (cartId) return isId('cart', cartId) ? readCart(context, cartId) : null;
    return context.viewer.userId ? readOwnCart(context, context.viewer.userId) : null;
  }

  @Public()
  @Mutation(() => CartLineAddResult, { description: 'Puts a variant into a cart.' })
  cartLineAdd(
    @Arg('input', () => CartLineAddInput, { description: 'What to add.' }) input: CartLineAddInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(cartLineAdd, input);
  }

  @Public()
  @Mutation(() => CartLineSetResult, { description: 'Says how many of a variant a cart holds.' })
  cartLineSet(
    @Arg('input', () => CartLineSetInput, { description: 'What to set.' }) input: CartLineSetInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(cartLineSet, input);
  }

  @Public()
  @Mutation(() => CartLineRemoveResult, { description: 'Takes a variant out of a cart.' })
  cartLineRemove(
    @Arg('input', () => CartLineRemoveInput, { description: 'What to remove.' }) input: CartLineRemoveInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(cartLineRemove, input);
  }

  @Public()
  @Mutation(() => CartClearResult, { description: 'Empties a cart.' })
  cartClear(@Arg('input', () => CartClearInput, { description: 'The cart.' }) input: CartClearInput, @Ctx() context: OrdersContext) {
    return context.mutate(cartClear, input);
  }

  @Public()
  @Mutation(() => CartMergeResult, {
    description: 'Moves an anonymous cart into your own after signing in, without loss; UNAUTHENTICATED before.',
  })
  cartMerge(
    @Arg('input', () => CartMergeInput, { description: 'The anonymous cart.' }) input: CartMergeInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(cartMerge, input);
  }

  @FieldResolver(() => [CartLine], { description: 'What is in it, at most 100 variants, in the order of adding.' })
  lines(@Root() { lines }: CartView) {
    return lines;
  }

  @FieldResolver(() => Int, { description: 'How many pieces are in it.' })
  itemCount(@Root() { lines }: CartView) {
    return lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }

  @FieldResolver(() => Money, { description: 'The sum of the lines that can be bought, before shipping and tax.' })
  subtotal(@Root() { currency, lines }: CartView) {
    return new Money(currency, subtotal(lines));
  }
}

@Resolver(() => CartLine)
export class CartLineResolver {
  @FieldResolver(() => ProductVariantStub, { nullable: true, description: 'The variant; null when the catalog cannot be asked.' })
  variant(@Root() { variantId }: LineView) {
    return { id: variantId };
  }

  @FieldResolver(() => String, { nullable: true, description: 'What it is called now.' })
  title(@Root() { variant }: LineView) {
    return variant ? lineTitle(variant) : null;
  }

  @FieldResolver(() => String, { nullable: true, description: "The vendor's number for it." })
  sku(@Root() { variant }: LineView) {
    return variant?.sku ?? null;
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is on sale in the currency of the cart.' })
  isPurchasable(@Root() { unitMinor }: LineView) {
    return unitMinor !== null;
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description: 'The price of one now; null when it is not on sale in the currency of the cart.',
  })
  unitPrice(@Root() { unitMinor, currency }: LineView) {
    return unitMinor === null ? null : new Money(currency, unitMinor);
  }

  @FieldResolver(() => Money, { nullable: true, description: 'The price of all of them; null as for one.' })
  total(@Root() { unitMinor, quantity, currency }: LineView) {
    return unitMinor === null ? null : new Money(currency, unitMinor * BigInt(quantity));
  }
}

/** The stored outcome holds the id; the cart is read again for whoever asks now. */
@Resolver(() => CartChanged)
export class CartChangedResolver {
  @FieldResolver(() => Cart, {
    nullable: true,
    description: 'The cart as it is now; null when it has been merged or belongs to somebody else since.',
  })
  cart(@Root() { cartId }: CartChanged, @Ctx() context: OrdersContext) {
    return readCart(context, ensure(cartId, 'the id of a changed cart'));
  }
}
