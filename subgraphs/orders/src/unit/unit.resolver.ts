import { Authenticated, RequiresScopes } from '@tessera/service-kit/access';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ProductStub } from '../foreign/product.type.ts';
import { ProductVariantStub } from '../foreign/variant.type.ts';
import type { OrdersContext } from '../services.ts';
import { UnitEntity } from './unit.entity.ts';
import { ownUnit } from './unit.load.ts';
import {
  Unit,
  UnitRevealed,
  UnitRevealInput,
  UnitRevealResult,
  UnitsDeposited,
  UnitsDepositInput,
  UnitsDepositResult,
} from './unit.type.ts';
import { unitReveal } from './unit-reveal.ts';
import { openSecret } from './unit-secret.ts';
import { unitsDeposit } from './units-deposit.ts';

@Resolver(() => Unit)
export class UnitResolver {
  @RequiresScopes([['catalog:write']])
  @Mutation(() => UnitsDepositResult, { description: 'Puts secrets of one of your own digital variants on sale.' })
  unitsDeposit(
    @Arg('input', () => UnitsDepositInput, { description: 'The secrets.' }) input: UnitsDepositInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(unitsDeposit, input);
  }

  @Authenticated()
  @Mutation(() => UnitRevealResult, { description: 'Shows the secret of a unit to its owner, and records it.' })
  unitReveal(@Arg('input', () => UnitRevealInput, { description: 'The unit.' }) input: UnitRevealInput, @Ctx() context: OrdersContext) {
    return context.mutate(unitReveal, input);
  }

  @FieldResolver(() => ProductStub, { nullable: true, description: 'What it is a unit of; null when the catalog cannot be asked.' })
  product(@Root() { productId }: UnitEntity) {
    return { id: productId };
  }
}

/** The stored outcome holds the id; unit and secret are read again, for its owner only. */
@Resolver(() => UnitRevealed)
export class UnitRevealedResolver {
  @FieldResolver(() => Unit, { nullable: true, description: 'The unit.' })
  unit(@Root() { unitId }: UnitRevealed, @Ctx() context: OrdersContext) {
    return context.load(ownUnit, unitId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The secret; null when the unit has been taken back since.' })
  async secret(@Root() { unitId }: UnitRevealed, @Ctx() { em, viewer, services }: OrdersContext) {
    if (!viewer.userId) return null;
    const unit = await em.findOne(UnitEntity, { id: unitId, ownerId: viewer.userId, state: 'REVEALED' }, { populate: ['sealedSecret'] });
    return unit ? openSecret(services.envelope, unit.id, unit.sealedSecret) : null;
  }
}

@Resolver(() => UnitsDeposited)
export class UnitsDepositedResolver {
  @FieldResolver(() => ProductVariantStub, { nullable: true, description: 'The variant that they are units of.' })
  variant(@Root() { variantId }: UnitsDeposited) {
    return { id: variantId };
  }
}
