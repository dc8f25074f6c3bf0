import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { loadVariants } from '../variant/variant.load.ts';
import type { VariantFacts } from '../variant/variant.ts';

export function managesAllStock(viewer: Viewer): boolean {
  return viewer.userId !== null && hasScope(viewer, 'catalog:admin');
}

/** Vendors manage what they sell; `catalog:admin` everything. */
export function managesStockOf(viewer: Viewer, vendorId: string): boolean {
  return viewer.userId === vendorId || managesAllStock(viewer);
}

/** The variant, if the viewer manages it: "not yours" and "not there" are one answer. */
export async function ownVariant(
  { em, viewer }: { readonly em: EntityManager; readonly viewer: Viewer },
  variantId: string,
): Promise<VariantFacts | null> {
  const variant = (await loadVariants(em, [variantId])).get(variantId);
  return variant && managesStockOf(viewer, variant.vendorId) ? variant : null;
}
