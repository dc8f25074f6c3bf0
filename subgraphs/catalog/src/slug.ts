import { newId } from '@tessera/service-kit/ids';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { CategoryEntity } from './category/category.entity.ts';
import { ProductEntity } from './product/product.entity.ts';

export const MAX_SLUG_LENGTH = 80;
export const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Numbered attempts before a slug gets a random ending. */
const CANDIDATES = 30;
const RANDOM_LENGTH = 8;

/** `Café crème, 2 cups` → `cafe-creme-2-cups`; empty when nothing of the text can stand in a URL. */
export function slugOf(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
}

/** `base`, `base-2`, `base-3`, … : the first that is not taken, or null when all are. */
export function firstFree(base: string, taken: ReadonlySet<string>): string | null {
  return candidatesOf(base).find((candidate) => !taken.has(candidate)) ?? null;
}

/** A free slug near `base`. A racing writer may still take it: the unique index then makes the whole transaction run again. */
export async function freeSlug(em: EntityManager, owner: 'product' | 'category', base: string): Promise<string> {
  const stem = base || owner;
  const where = { slug: { $in: candidatesOf(stem) } };
  const options = { fields: ['slug'], disableIdentityMap: true } as const;
  const rows = owner === 'product' ? await em.find(ProductEntity, where, options) : await em.find(CategoryEntity, where, options);
  return firstFree(stem, new Set(rows.map(({ slug }) => slug))) ?? withSuffix(stem, newId(owner).slice(-RANDOM_LENGTH));
}

function candidatesOf(base: string): string[] {
  return [base, ...Array.from({ length: CANDIDATES - 1 }, (_, index) => withSuffix(base, String(index + 2)))];
}

function withSuffix(base: string, suffix: string): string {
  return `${base.slice(0, MAX_SLUG_LENGTH - suffix.length - 1).replace(/-+$/, '')}-${suffix}`;
}
