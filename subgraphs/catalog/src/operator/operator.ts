import { randomUUID } from 'node:crypto';
import { InvariantViolation } from '@tessera/service-kit/errors';
import type { UseCase } from '@tessera/service-kit/graphql';
import { runRepeatable } from '@tessera/service-kit/idempotency';
import { serviceViewer, type Viewer } from '@tessera/service-kit/identity';
import type { MikroORM } from '@tessera/service-kit/persistence';
import { CategoryEntity } from '../category/category.entity.ts';
import { CategorySaved, SlugTaken } from '../category/category.type.ts';
import { categorySave } from '../category/category-save.ts';
import { ProductEntity } from '../product/product.entity.ts';
import { ProductCreated, ProductPublished } from '../product/product.type.ts';
import { productCreate } from '../product/product-create.ts';
import { productPublish } from '../product/product-publish.ts';
import type { ActServices } from '../services.ts';
import { VariantEntity } from '../variant/variant.entity.ts';
import { SkuTaken } from '../variant/variant.type.ts';
import type { CatalogOperator } from './catalog-operator.ts';

/** @throws InvariantViolation when a rule refuses what is asked: a seed that breaks the rules is a bug. */
export function createOperator(orm: MikroORM, services: ActServices): CatalogOperator {
  const act = async <Input, Outcome extends object>(
    viewer: Viewer,
    useCase: UseCase<Input, Outcome, ActServices>,
    input: Input,
  ): Promise<Outcome> => {
    const requestId = randomUUID();
    const origin = { actor: viewer.principal, correlationId: requestId, causationId: null, traceparent: null, now: new Date() };
    const { outcome } = await runRepeatable({
      em: orm.em,
      viewer,
      request: { requestId, traceparent: null },
      origin,
      services,
      useCase,
      input,
    });
    return outcome;
  };

  return {
    ensureCategory: async (category) => {
      const find = () => orm.em.fork().findOne(CategoryEntity, { slug: category.slug });
      const known = await find();
      if (known) return known.id;
      const saved = await act(serviceViewer('catalog'), categorySave, category);
      const winner = saved instanceof SlugTaken ? await find() : null;
      return winner?.id ?? expected(saved, CategorySaved).categoryId;
    },
    ensureProduct: async ({ vendorId, publish, ...product }) => {
      const viewer: Viewer = { ...serviceViewer('catalog'), userId: vendorId };
      const find = () => orm.em.fork().findOne(ProductEntity, { slug: product.slug });
      let known = await find();
      const created = known ? null : await act(viewer, productCreate, product);
      // Another seed's product may come between the look at its slug and the look at its skus.
      if (created instanceof SlugTaken || created instanceof SkuTaken) known = await find();
      if (known && known.vendorId !== vendorId) throw new InvariantViolation(`The product ${product.slug} belongs to another vendor.`);
      const productId = known?.id ?? expected(created ?? {}, ProductCreated).productId;
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
