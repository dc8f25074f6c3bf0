import { RequiresScopes } from '@tessera/service-kit/access';
import { TesseraError } from '@tessera/service-kit/errors';
import type { Loader } from '@tessera/service-kit/graphql';
import { hasScope } from '@tessera/service-kit/identity';
import { ConnectionArgs, connectionTypes, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ProductVariantStub } from '../foreign/variant.type.ts';
import type { OrdersContext, OrdersServices } from '../services.ts';
import { managesAllStock, managesStockOf } from './own-variant.ts';
import { Availability, StockAdjusted, StockAdjustInput, StockAdjustResult, StockItem, StockWhere } from './stock.type.ts';
import { stockAdjust } from './stock-adjust.ts';
import { StockItemEntity } from './stock-item.entity.ts';

const MAX_IDS = 100;
const StockItemConnection = connectionTypes('StockItem', () => StockItem);

const stockByVariant: Loader<StockItemEntity, OrdersServices> = {
  name: 'stockByVariant',
  batch: async (ids, { em }) => new Map((await em.find(StockItemEntity, { id: { $in: [...ids] } })).map((item) => [item.id, item])),
};

@Resolver(() => ProductVariantStub)
export class AvailabilityResolver {
  @FieldResolver(() => Availability, { nullable: true, description: 'Whether it can be had; null for a variant that is not known yet.' })
  async availability(@Root() { id }: ProductVariantStub, @Ctx() context: OrdersContext): Promise<Availability | null> {
    const item = await context.load(stockByVariant, id);
    if (!item) return null;
    const seesQuantity = hasScope(context.viewer, 'stock:read') && managesStockOf(context.viewer, item.vendorId);
    return {
      isInStock: item.available > 0,
      quantity: seesQuantity ? item.available : null,
      lowStock: item.available > 0 && item.isLow,
    };
  }
}

@Resolver(() => StockItem)
export class StockResolver {
  @RequiresScopes([['stock:read']])
  @Query(() => StockItemConnection, { description: "The stock of the caller's own variants; with `catalog:admin` of all." })
  async stockItems(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('where', () => StockWhere, { nullable: true, description: 'Which of it.' }) where: StockWhere | null,
    @Ctx() { em, viewer, cursorSecret }: OrdersContext,
  ) {
    const { isLow = null, variantIds = null } = where ?? {};
    if (variantIds && variantIds.length > MAX_IDS) throw new TesseraError('BAD_USER_INPUT', `variantIds takes at most ${MAX_IDS} ids.`);
    const visible = managesAllStock(viewer) ? {} : { vendorId: viewer.userId ?? '' };
    const page = await paginate(em, {
      entity: StockItemEntity,
      where: { ...visible, ...(isLow === null ? {} : { isLow }), ...(variantIds === null ? {} : { id: { $in: variantIds } }) },
      sort: [],
      args,
      filter: { isLow, variantIds, name: 'stockItems' },
      secret: cursorSecret,
      toNode: (item): StockItem => item,
    });
    return new StockItemConnection(page);
  }

  @RequiresScopes([['stock:write']])
  @Mutation(() => StockAdjustResult, { description: 'Changes how many pieces of one of your own variants are on hand.' })
  stockAdjust(
    @Arg('input', () => StockAdjustInput, { description: 'The change.' }) input: StockAdjustInput,
    @Ctx() context: OrdersContext,
  ) {
    return context.mutate(stockAdjust, input);
  }

  @FieldResolver(() => ProductVariantStub, { nullable: true, description: 'The variant; null when the catalog cannot be asked.' })
  variant(@Root() { id }: StockItemEntity) {
    return { id };
  }

  @FieldResolver(() => String, { description: 'How many have been sold so far, as a string, less those that came back.' })
  sold(@Root() { sold }: StockItemEntity) {
    return sold.toString();
  }
}

@Resolver(() => StockAdjusted)
export class StockAdjustedResolver {
  @FieldResolver(() => StockItem, { nullable: true, description: 'The stock as it is now.' })
  stockItem(@Root() { variantId }: StockAdjusted, @Ctx() context: OrdersContext) {
    return context.load(stockByVariant, variantId);
  }
}
