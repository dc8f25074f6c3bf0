/** Rules of a product: who sees it, what may happen next. Plain data in, decision out; no I/O, no clock, no randomness. */

export type ProductKind = 'PHYSICAL' | 'DIGITAL_UNITS';
export type ProductStatus = 'DRAFT' | 'PUBLISHED' | 'ARCHIVED';

/** Amounts are canonical texts: JSON numbers lose money. */
export interface PriceFacts {
  readonly currency: string;
  readonly minor: string;
}

/** The cheapest and the dearest variant per currency. Numbers, so that both stores can compare them; exact, because prices are bounded. */
export type PriceBands = Readonly<Record<string, { readonly lowest: number; readonly highest: number }>>;

export interface OptionFacts {
  readonly name: string;
  readonly values: readonly string[];
}

export interface MediaFacts {
  readonly url: string;
  readonly alt: string;
}

export interface SeoFacts {
  readonly title: string | null;
  readonly description: string | null;
}

export const MAX_PRICE_MINOR = 1_000_000_000_000n;
export const MAX_VARIANTS = 100;

/** Who asks, as far as the catalog cares. */
export interface CatalogViewer {
  readonly userId: string | null;
  readonly isAdmin: boolean;
}

export interface OwnedFacts {
  readonly vendorId: string;
  readonly status: ProductStatus;
  readonly publishedAt?: Date | null | undefined;
}

export function mayManage(viewer: CatalogViewer, { vendorId }: Pick<OwnedFacts, 'vendorId'>): boolean {
  return viewer.isAdmin || (viewer.userId !== null && viewer.userId === vendorId);
}

/** On the shelf, or somebody's own. */
export function isVisible(viewer: CatalogViewer, product: OwnedFacts): boolean {
  return product.status === 'PUBLISHED' || mayManage(viewer, product);
}

/** By reference what once was public stays readable: an old order must be shown. A draft that was archived never was. */
export function isVisibleByReference(viewer: CatalogViewer, product: OwnedFacts): boolean {
  return isVisible(viewer, product) || (product.status === 'ARCHIVED' && Boolean(product.publishedAt));
}

export type PublishObstacle = 'NO_VARIANT' | 'NO_PRICE' | 'NO_CATEGORY';

/** What is missing before customers may see it; empty when nothing is. */
export function publishObstacles({
  categoryId,
  variants,
}: {
  readonly categoryId?: string | null | undefined;
  readonly variants: readonly { readonly prices: readonly PriceFacts[] }[];
}): PublishObstacle[] {
  const obstacles: PublishObstacle[] = [];
  if (variants.length === 0) obstacles.push('NO_VARIANT');
  else if (variants.every(({ prices }) => prices.length === 0)) obstacles.push('NO_PRICE');
  if (!categoryId) obstacles.push('NO_CATEGORY');
  return obstacles;
}

export function priceBandsOf(variants: readonly { readonly prices: readonly PriceFacts[] }[]): PriceBands {
  const bands: Record<string, { lowest: number; highest: number }> = {};
  for (const { currency, minor } of variants.flatMap(({ prices }) => prices)) {
    const amount = Number(minor);
    const { lowest, highest } = bands[currency] ?? { lowest: amount, highest: amount };
    bands[currency] = { lowest: Math.min(lowest, amount), highest: Math.max(highest, amount) };
  }
  return bands;
}

/** The price in this currency; without one, the first. Null when it is not sold in it. */
export function priceIn(prices: readonly PriceFacts[], currency?: string | null): PriceFacts | null {
  return (currency ? prices.find((price) => price.currency === currency) : prices[0]) ?? null;
}
