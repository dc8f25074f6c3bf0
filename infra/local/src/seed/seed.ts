import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hosted } from '../host.ts';
import { SEED_ACCOUNTS, SEED_PASSWORD, type SeedAccount } from './accounts.ts';
import { type PlannedProduct, plannedCategories, plannedProducts } from './products.ts';

const AT_ONCE = 4;
const MARK_FILE = 'seeded';

/** Seeds unless the data directory says that exactly this was seeded before: a warm start has nothing to look up. */
export async function seedOnce(hosted: Hosted, dataDir: string, note: (text: string) => void): Promise<void> {
  const mark = join(dataDir, MARK_FILE);
  const plan = JSON.stringify([SEED_ACCOUNTS, plannedCategories(), plannedProducts()], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  const version = createHash('sha256').update(plan).digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === version) return note('as before');
  await seed(hosted, note);
  writeFileSync(mark, version);
}

/**
 * Fills an empty platform through the services' own rules: accounts, money that comes in through the ledger, an assortment with stock and
 * digital units. Seeding again changes nothing that is there.
 */
export async function seed(hosted: Hosted, note: (text: string) => void): Promise<void> {
  note('accounts');
  const userIds = await seedAccounts(hosted);
  note('money');
  await seedMoney(hosted, userIds);
  note('categories');
  const categoryIds = await seedCategories(hosted);
  const products = plannedProducts();
  let done = 0;
  await inBatches(products, async (product) => {
    await seedProduct(hosted, product, userIds, categoryIds);
    done += 1;
    note(`products ${done} of ${products.length}`);
  });
  note(`${SEED_ACCOUNTS.length} accounts, ${products.length} products`);
}

async function seedAccounts({ users }: Hosted): Promise<ReadonlyMap<string, string>> {
  const ids = await Promise.all(
    SEED_ACCOUNTS.map(async ({ email, handle, displayName, roles }) => {
      const id = await users.services.operator.ensureUser({ email, password: SEED_PASSWORD, displayName, handle, roles: [...roles] });
      return [handle, id] as const;
    }),
  );
  return new Map<string, string>(ids);
}

async function seedMoney({ ledger }: Hosted, userIds: ReadonlyMap<string, string>): Promise<void> {
  for (const { handle, funds } of SEED_ACCOUNTS as readonly SeedAccount[]) {
    for (const [currency, amountMinor] of Object.entries(funds)) {
      if (currency !== 'USD' && currency !== 'EUR') throw new Error(`The seed knows no ${currency}.`);
      await ledger.services.operator.fund({
        walletOwnerId: idOf(userIds, handle),
        currency,
        amountMinor,
        factKey: `seed/${handle}/${currency}`,
      });
    }
  }
}

async function seedCategories({ catalog }: Hosted): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const { slug, name, parentSlug } of plannedCategories()) {
    const parentId = parentSlug ? idOf(ids, parentSlug) : null;
    ids.set(slug, await catalog.services.operator.ensureCategory({ slug, name, parentId }));
  }
  return ids;
}

async function seedProduct(
  hosted: Hosted,
  product: PlannedProduct,
  userIds: ReadonlyMap<string, string>,
  categoryIds: ReadonlyMap<string, string>,
): Promise<void> {
  const { slug, title, description, kind, options, variants } = product;
  const ensured = await hosted.catalog.services.operator.ensureProduct({
    ...{ slug, title, description, kind, publish: true },
    vendorId: idOf(userIds, product.vendorHandle),
    categoryId: idOf(categoryIds, product.categorySlug),
    options: options.map(({ name, values }) => ({ name, values: [...values] })),
    variants: variants.map(({ sku, title: variantTitle, optionValues, prices, weightGrams }) => ({
      sku,
      title: variantTitle,
      optionValues: [...optionValues],
      prices: [...prices],
      weightGrams,
    })),
  });
  for (const { sku, stock, secrets } of variants) {
    const variantId = ensured.variants[sku];
    if (!variantId) throw new Error(`The catalog lost the variant ${sku}.`);
    if (kind === 'PHYSICAL') await hosted.orders.services.operator.setStock({ variantId, onHand: stock, reason: 'opening stock' });
    else await hosted.orders.services.operator.depositUnits({ variantId, secrets, factKey: `seed/${sku}` });
  }
}

function idOf(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name);
  if (!id) throw new Error(`The seed names ${name}, which it did not make.`);
  return id;
}

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) await Promise.all(items.slice(start, start + AT_ONCE).map(work));
}
