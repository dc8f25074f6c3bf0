import { readdirSync, readFileSync } from 'node:fs';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { type Row, rawSql } from '@tessera/service-kit/persistence';
import { actAs, startTestSubgraph, type TestSubgraph } from '@tessera/service-kit/testing';
import { type CatalogServices, createSubgraph } from '../src/subgraph.ts';

export interface AProduct {
  readonly title?: string;
  readonly categoryId?: string | null;
  readonly kind?: string;
  readonly slug?: string;
  readonly description?: string;
  readonly publish?: boolean;
  readonly options?: readonly object[];
  readonly variants?: readonly object[];
}

export interface CatalogStage extends TestSubgraph<CatalogServices> {
  readonly admin: Viewer;
  /** Saves a category as an admin; answers its id. */
  category(input?: { readonly name?: string; readonly parentId?: string }): Promise<string>;
  /** Creates a product of this vendor through the graph; answers its id and those of its variants. */
  product(vendor: Viewer, product?: AProduct): Promise<{ readonly productId: string; readonly variantIds: readonly string[] }>;
  /** Sends one mutation and answers its outcome with `fields` selected in inline fragments. */
  act<T = Outcome>(viewer: Viewer, mutation: string, input: object, fields?: string, key?: string): Promise<T>;
  /** The events published about a product, in order. */
  events(productId: string): Promise<readonly { readonly type: string; readonly payload: Readonly<Record<string, unknown>> }[]>;
  sql<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
}

export type Outcome = Readonly<Record<string, never>> & { readonly __typename: string };

export const aVariant = (sku: string = newId('variant'), usd = '1999') => ({ sku, prices: [{ currency: 'USD', minor: usd }] });

/** A catalog on a database of its own, without relay: nothing here waits for events. */
export async function openCatalog(): Promise<CatalogStage> {
  const base = await startTestSubgraph('catalog', createSubgraph, {}, { version: schemaText(), isStarted: false });
  const admin = actAs.admin();
  const sql: CatalogStage['sql'] = (text, parameters) => rawSql(base.subgraph.platform.orm.em.fork(), text, parameters);

  const act: CatalogStage['act'] = async <T>(
    viewer: Viewer,
    mutation: string,
    input: object,
    fields = '',
    key: string = newId('event'),
  ) => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation($input: ${type}!) { ${mutation}(input: $input) { __typename ... on Problem { code message path } ... on InvalidInput { issues { path code } } ${fields} } }`;
    const { data, errors } = await base.ask(viewer, query, { input: { idempotencyKey: key, ...input } });
    if (errors) throw new Error(JSON.stringify(errors));
    return data?.[mutation] as T;
  };

  const stage: CatalogStage = {
    ...base,
    admin,
    act,
    sql,
    category: async ({ name = 'Things', parentId } = {}) => {
      const saved = await act<{ category: { id: string } }>(
        admin,
        'categorySave',
        { name, parentId },
        '... on CategorySaved { category { id } }',
      );
      return saved.category.id;
    },
    product: async (vendor, { publish = false, title = 'A thing', kind = 'PHYSICAL', variants = [aVariant()], ...rest } = {}) => {
      const fields = '... on ProductCreated { product { id variants { id } } }';
      const created = await act<{ product: { id: string; variants: { id: string }[] } }>(
        vendor,
        'productCreate',
        { title, kind, variants, ...rest },
        fields,
      );
      if (!created.product) throw new Error(JSON.stringify(created));
      const productId = created.product.id;
      if (publish) await act(vendor, 'productPublish', { productId });
      return { productId, variantIds: created.product.variants.map(({ id }) => id) };
    },
    events: (productId) => sql('select type, payload from outbox where aggregate_id = $1 order by sequence', [productId]),
  };
  return stage;
}

/** All migrations, the kit's too: a database of another schema is never taken for this one. */
function schemaText(): string {
  const own = new URL('../src/migrations/', import.meta.url);
  const kit = new URL('../../service-kit/src/', import.meta.url);
  const files = [
    ...readdirSync(own).map((file) => new URL(file, own)),
    new URL('messaging/messaging.migration.ts', kit),
    new URL('idempotency/migration.ts', kit),
  ];
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}
