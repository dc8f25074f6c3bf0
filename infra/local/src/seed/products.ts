import { createHash } from 'node:crypto';
import { SEED_DIGITAL, SEED_SHELVES, type SeedProduct } from './assortment.ts';

const EUR_PER_USD = 0.92;
const STOCK_STEPS = [12, 25, 40, 60, 120] as const;

/** A product ready for the catalog: everything follows from its title, so that seeding twice is seeding once. */
export interface PlannedProduct {
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly kind: 'PHYSICAL' | 'DIGITAL_UNITS';
  readonly vendorHandle: string;
  readonly categorySlug: string;
  readonly options: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly variants: readonly PlannedVariant[];
}

export interface PlannedVariant {
  readonly sku: string;
  readonly title: string;
  readonly optionValues: readonly { readonly name: string; readonly value: string }[];
  readonly prices: readonly { readonly currency: 'USD' | 'EUR'; readonly minor: bigint }[];
  readonly weightGrams: number | null;
  /** Pieces on hand, for physical variants. */
  readonly stock: number;
  /** Secrets to deposit, for digital ones. */
  readonly secrets: readonly string[];
}

export interface PlannedCategory {
  readonly slug: string;
  readonly name: string;
  readonly parentSlug: string | null;
}

export function plannedCategories(): PlannedCategory[] {
  const tops = [...new Set(SEED_SHELVES.map(({ category }) => category)), 'Digital'];
  const subs = SEED_SHELVES.map(({ category, subCategory }) => ({
    slug: slugOf(`${category} ${subCategory}`),
    name: subCategory,
    parentSlug: slugOf(category),
  }));
  return [
    ...tops.map((name) => ({ slug: slugOf(name), name, parentSlug: null })),
    ...subs,
    { slug: 'digital-licences', name: 'Licences & Keys', parentSlug: 'digital' },
  ];
}

export function plannedProducts(): PlannedProduct[] {
  const physical = SEED_SHELVES.flatMap(({ category, subCategory, vendorHandle, products }) =>
    products.map((product) => ({
      ...basics(product),
      kind: 'PHYSICAL' as const,
      vendorHandle,
      categorySlug: slugOf(`${category} ${subCategory}`),
      options: product.option ? [product.option] : [],
      variants: (product.option?.values ?? [null]).map((value) => physicalVariant(product, value)),
    })),
  );
  const digital = SEED_DIGITAL.map((product) => ({
    ...basics(product),
    kind: 'DIGITAL_UNITS' as const,
    vendorHandle: 'bitmill',
    categorySlug: 'digital-licences',
    options: [],
    variants: [{ ...variantBasics(product, null), weightGrams: null, stock: 0, secrets: secretsOf(product.secretPrefix, product.units) }],
  }));
  return [...physical, ...digital];
}

function basics({ title, description }: SeedProduct) {
  return { slug: slugOf(title), title, description };
}

function physicalVariant(product: SeedProduct, value: string | null): PlannedVariant {
  const spread = hashNumber(`${product.title} ${value ?? ''}`);
  return {
    ...variantBasics(product, value),
    weightGrams: 100 + (spread % 19) * 100,
    stock: STOCK_STEPS[spread % STOCK_STEPS.length] ?? 12,
    secrets: [],
  };
}

function variantBasics({ title, usdMinor, option }: SeedProduct, value: string | null) {
  return {
    sku: slugOf(value ? `${title} ${value}` : title).toUpperCase(),
    title: value ?? title,
    optionValues: option && value ? [{ name: option.name, value }] : [],
    prices: [
      { currency: 'USD' as const, minor: BigInt(usdMinor) },
      { currency: 'EUR' as const, minor: BigInt(Math.round(usdMinor * EUR_PER_USD)) },
    ],
  };
}

/** Not random: a second seed deposits the same secrets, which the deposit's key recognises. */
function secretsOf(prefix: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `${prefix}-${createHash('sha256').update(`${prefix}/${index}`).digest('hex').slice(0, 24).toUpperCase()}`,
  );
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function hashNumber(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
