import { TesseraError } from '@tessera/service-kit/errors';
import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { isId, newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { CategoryEntity } from '../category/category.entity.ts';
import { CategoryNotFound, SlugTaken } from '../category/category.type.ts';
import type { ActContext } from '../services.ts';
import { freeSlug, slugOf } from '../slug.ts';
import { createVariant, takenSku } from '../variant/new-variant.ts';
import { misfitOf } from '../variant/variant.ts';
import { SkuTaken } from '../variant/variant.type.ts';
import { storeChange } from './own-product.ts';
import { ProductEntity } from './product.entity.ts';
import { publishVariant } from './product.event.ts';
import type { ProductCreateInput } from './product.input.ts';
import { productRules } from './product.rules.ts';
import { ProductCreated } from './product.type.ts';
import { mediaFacts, optionFacts, seoFacts } from './product-facts.ts';

/** Creates a draft that belongs to the caller, with its first variants: orders hears of each, so that stock can be counted before it is sold. */
export async function productCreate(input: ProductCreateInput, context: ActContext) {
  const { em, viewer, now } = context;
  const refused = refuseInvalid(productRules, input) ?? refuseMisfit(input);
  if (refused) return refused;
  if (!viewer.userId) throw new TesseraError('FORBIDDEN', 'A product belongs to a user: sign in as its vendor.');

  if (typeof input.categoryId === 'string' && !(await categoryExists(em, input.categoryId))) return new CategoryNotFound('categoryId');
  if (input.slug && (await slugIsTaken(em, input.slug))) return new SlugTaken(await freeSlug(em, 'product', input.slug));
  const sku = await takenSku(
    em,
    viewer.userId,
    (input.variants ?? []).map((variant) => variant.sku),
  );
  if (sku) return new SkuTaken(sku);

  const slug = input.slug ?? (await freeSlug(em, 'product', slugOf(input.title)));
  const product = createProduct(em, input, { vendorId: viewer.userId, slug, now });
  const variants = (input.variants ?? []).map((variant, at) => createVariant(em, product, variant, at + 1, now));
  await storeChange(context, { product, variants });
  for (const variant of variants) publishVariant(context, 'VariantAdded', product, variant);
  return new ProductCreated(product.id);
}

function refuseMisfit(input: ProductCreateInput) {
  const variants = (input.variants ?? []).map(({ sku, optionValues }) => ({ sku, optionValues: optionValues ?? [] }));
  const misfit = misfitOf(input.options ?? [], variants);
  return misfit && invalidField('variants', misfit.code, misfit.message);
}

function createProduct(
  em: EntityManager,
  input: ProductCreateInput,
  facts: { readonly vendorId: string; readonly slug: string; readonly now: Date },
): ProductEntity {
  return em.create(ProductEntity, {
    id: newId('product'),
    slug: facts.slug,
    title: input.title.trim(),
    description: input.description?.trim() ?? '',
    kind: input.kind,
    status: 'DRAFT',
    vendorId: facts.vendorId,
    categoryId: input.categoryId ?? null,
    media: mediaFacts(input.media ?? []),
    options: optionFacts(input.options ?? []),
    seo: seoFacts(input.seo),
    priceBands: {},
    createdAt: facts.now,
    updatedAt: facts.now,
    publishedAt: null,
    version: 1,
  });
}

export async function categoryExists(em: EntityManager, categoryId: string): Promise<boolean> {
  return isId('category', categoryId) && (await em.count(CategoryEntity, { id: categoryId })) > 0;
}

export async function slugIsTaken(em: EntityManager, slug: string, exceptId?: string): Promise<boolean> {
  return (await em.count(ProductEntity, { slug, ...(exceptId ? { id: { $ne: exceptId } } : {}) })) > 0;
}
