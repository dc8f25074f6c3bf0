import { randomUUID } from 'node:crypto';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { UseCase } from '@tessera/service-kit/graphql';
import { runRepeatable } from '@tessera/service-kit/idempotency';
import { serviceViewer, type Viewer } from '@tessera/service-kit/identity';
import type { MikroORM } from '@tessera/service-kit/persistence';
import { CategoryEntity } from '../category/category.entity.ts';
import { categorySave } from '../category/category-save.ts';
import { CategorySaved, type CategorySaveInput } from '../category/category.type.ts';
import { productCreate } from '../product/product-create.ts';
import { ProductEntity } from '../product/product.entity.ts';
import type { ProductCreateInput } from '../product/product.input.ts';
import { productPublish } from '../product/product-publish.ts';
import { ProductCreated, ProductPublished } from '../product/product.type.ts';
import type { ActServices } from '../services.ts';
import { VariantEntity } from '../variant/variant.entity.ts';

export type EnsureCategory = Omit<CategorySaveInput, 'categoryId' | 'idempotencyKey'> & { readonly slug: string };
export type EnsureProduct = Omit<ProductCreateInput, 'idempotencyKey'> & { readonly vendorId: string; readonly slug: string; readonly publish: boolean };

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

/** @throws InvariantViolation when a rule refuses what is asked: a seed that breaks the rules is a bug. */
export function createOperator(orm: MikroORM, services: ActServices): CatalogOperator {
  const act = async <Input, Outcome extends object>(viewer: Viewer, useCase: UseCase<Input, Outcome, ActServices>, input: Input): Promise<Outcome> => {
    const requestId = randomUUID();
    const origin = { actor: viewer.principal, correlationId: requestId, causationId: null, traceparent: null, now: new Date() };
    const { outcome } = await runRepeatable({ em: orm.em, viewer, request: { requestId, traceparent: null }, origin, services, useCase, input });
    return outcome;
  };

  return {
    ensureCategory: async (category) => {
      const known = await orm.em.fork().findOne(CategoryEntity, { slug: category.slug });
      if (known) return known.id;
      const saved = await act(serviceViewer('catalog'), categorySave, category);
      return expected(saved, CategorySaved).categoryId;
    },
    ensureProduct: async ({ vendorId, publish, ...product }) => {
      const viewer: Viewer = { ...serviceViewer('catalog'), userId: vendorId };
      const known = await orm.em.fork().findOne(ProductEntity, { slug: product.slug });
      if (known && known.vendorId !== vendorId) throw new InvariantViolation(`The product ${product.slug} belongs to another vendor.`);
      const productId = known?.id ?? expected(await act(viewer, productCreate, product), ProductCreated).productId;
      if (publish && (known?.status ?? 'DRAFT') === 'DRAFT') expected(await act(viewer, productPublish, { productId }), ProductPublished);
      return { productId, variants: await variantsBySku(orm, productId) };
    },
  };
}

async function variantsBySku(orm: MikroORM, productId: string): Promise<Readonly<Record<string, string>>> {
  const variants = await orm.em.fork().find(VariantEntity, { product: productId, removedAt: null }, { orderBy: { position: 'asc' } });
  return Object.fromEntries(variants.map(({ sku, id }) => [sku, id]));
}

function expected<T extends object>(outcome: object, type: abstract new (...args: never[]) => T): T {
  if (outcome instanceof type) return outcome;
  throw new InvariantViolation(`The catalog refused: ${JSON.stringify(outcome)}`);
}
