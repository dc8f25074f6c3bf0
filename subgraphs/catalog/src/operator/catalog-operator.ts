import type { CategorySaveInput } from '../category/category.type.ts';
import type { ProductCreateInput } from '../product/product.input.ts';

export type EnsureCategory = Omit<CategorySaveInput, 'categoryId' | 'idempotencyKey'> & { readonly slug: string };
export type EnsureProduct = Omit<ProductCreateInput, 'idempotencyKey'> & {
  readonly vendorId: string;
  readonly slug: string;
  readonly publish: boolean;
};

export interface EnsuredProduct {
  readonly productId: string;
  /** Ids of the variants in sale, by sku. */
  readonly variants: Readonly<Record<string, string>>;
}

/** What seeds and operators of the platform may do without a client: by the same rules and with the same events as the mutations. */
export interface CatalogOperator {
  /** The id of the category with this slug; creates it when there is none, and leaves it as it is otherwise. */
  ensureCategory(category: EnsureCategory): Promise<string>;
  /** The product with this slug; creates it when there is none, and leaves it as it is otherwise, but for publishing a draft. */
  ensureProduct(product: EnsureProduct): Promise<EnsuredProduct>;
}
