import { invalidField, refuseInvalid } from '@tessera/service-kit/graphql';
import { CategoryNotFound, SlugTaken } from '../category/category.type.ts';
import type { ActContext } from '../services.ts';
import { freeSlug } from '../slug.ts';
import type { VariantEntity } from '../variant/variant.entity.ts';
import { misfitOf } from '../variant/variant.ts';
import { lockOwnProduct, storeChange } from './own-product.ts';
import type { ProductEntity } from './product.entity.ts';
import { publishVariant } from './product.event.ts';
import type { ProductUpdateInput } from './product.input.ts';
import { ProductNotFound, VersionConflict } from './product.problem.ts';
import { productChangeRules } from './product.rules.ts';
import { ProductUpdated } from './product.type.ts';
import { categoryExists, slugIsTaken } from './product-create.ts';
import { mediaFacts, optionFacts, seoFacts } from './product-facts.ts';

/** Changes what is given. Consumers hear of a new title through the variants, because that is where they keep it. */
export async function productUpdate(input: ProductUpdateInput, context: ActContext) {
  const refused = refuseInvalid(productChangeRules, input);
  if (refused) return refused;
  const own = await lockOwnProduct(context, input.productId);
  if (!own) return new ProductNotFound();

  const { em } = context;
  const { product, variants } = own;
  if (input.expectedVersion && input.expectedVersion !== product.version) return new VersionConflict(product.version);
  if (typeof input.categoryId === 'string' && !(await categoryExists(em, input.categoryId))) return new CategoryNotFound('categoryId');
  if (input.slug && (await slugIsTaken(em, input.slug, product.id))) return new SlugTaken(await freeSlug(em, 'product', input.slug));
  const misfit = input.options ? misfitOf(input.options, variants) : null;
  if (misfit) return invalidField('options', misfit.code, misfit.message);

  const hadTitle = product.title;
  apply(product, input);
  retitle(variants, hadTitle, product.title);
  await storeChange(context, own);
  if (product.title !== hadTitle) for (const variant of variants) publishVariant(context, 'VariantChanged', product, variant);
  return new ProductUpdated(product.id);
}

/** A variant without a title of its own is titled like its product, also when that changes. */
function retitle(variants: readonly VariantEntity[], from: string, to: string): void {
  for (const variant of variants) if (variant.title === from) variant.title = to;
}

function apply(product: ProductEntity, { title, description, slug, categoryId, media, options, seo }: ProductUpdateInput): void {
  if (title) product.title = title.trim();
  if (description !== undefined && description !== null) product.description = description.trim();
  if (slug) product.slug = slug;
  if (categoryId) product.categoryId = categoryId;
  if (media) product.media = mediaFacts(media);
  if (options) product.options = optionFacts(options);
  if (seo) product.seo = seoFacts(seo);
}
