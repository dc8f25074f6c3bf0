import { newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import type { ProductEntity } from '../product/product.entity.ts';
import type { PriceFacts } from '../product/product.ts';
import { VariantEntity } from './variant.entity.ts';
import { MAX_VARIANT_TITLE } from './variant.rules.ts';
import { type AttributeFacts, defaultTitle, inOrder } from './variant.ts';
import type { AttributeInput, VariantInput } from './variant.type.ts';

/** The first of these skus that the vendor already sells, or null. The unique index decides races. */
export async function takenSku(em: EntityManager, vendorId: string, skus: readonly string[], exceptId?: string): Promise<string | null> {
  if (skus.length === 0) return null;
  const where = { vendorId, sku: { $in: [...skus] }, removedAt: null, ...(exceptId ? { id: { $ne: exceptId } } : {}) };
  const [taken] = await em.find(VariantEntity, where, { fields: ['sku'], disableIdentityMap: true, limit: 1 });
  return taken?.sku ?? null;
}

export function createVariant(em: EntityManager, product: ProductEntity, input: VariantInput, position: number, now: Date): VariantEntity {
  const optionValues = inOrder(product.options, input.optionValues ?? []);
  return em.create(VariantEntity, {
    id: newId('variant'),
    product,
    vendorId: product.vendorId,
    sku: input.sku,
    title: input.title?.trim() || defaultTitle(product.title, optionValues, MAX_VARIANT_TITLE),
    position,
    prices: priceFacts(input.prices ?? []),
    optionValues,
    attributes: attributeFacts(input.attributes ?? []),
    weightGrams: input.weightGrams ?? null,
    createdAt: now,
    updatedAt: now,
    removedAt: null,
  });
}

export function priceFacts(prices: readonly { readonly currency: string; readonly minor: bigint }[]): PriceFacts[] {
  return prices.map(({ currency, minor }) => ({ currency, minor: minor.toString() }));
}

export function attributeFacts(attributes: readonly AttributeInput[]): AttributeFacts[] {
  return attributes.map(({ name, value }) => ({ name: name.trim(), value: value.trim() }));
}
