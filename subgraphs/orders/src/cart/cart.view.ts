import type { CurrencyCode } from '@tessera/schema/contract';
import type { OrdersContext } from '../services.ts';
import { variantById } from '../variant/variant.load.ts';
import { type CartRow, findCart, findOwnCart, loadLines, mayUse } from './cart.store.ts';
import { type CartLineFacts, type PricedLine, priceLine } from './cart.ts';

export interface LineView extends PricedLine {
  readonly currency: CurrencyCode;
}

export interface CartView extends CartRow {
  readonly lines: readonly LineView[];
}

/** The cart with the titles and prices of now; null where the viewer may not see it. */
export async function readCart(context: OrdersContext, cartId: string): Promise<CartView | null> {
  const row = await findCart(context.em, cartId);
  return row && mayUse(row, context.viewer) ? withLines(context, row) : null;
}

export async function readOwnCart(context: OrdersContext, ownerId: string): Promise<CartView | null> {
  const row = await findOwnCart(context.em, ownerId);
  return row ? withLines(context, row) : null;
}

async function withLines(context: OrdersContext, row: CartRow): Promise<CartView> {
  const lines = await currentLines(context, row);
  const priced = lines.map(async (line) => {
    const variant = await context.load(variantById, line.variantId);
    return { ...priceLine(line, variant ?? undefined, row.currency), currency: row.currency };
  });
  return { ...row, lines: await Promise.all(priced) };
}

/** From Redis where it has this version, else from the truth, which then goes into Redis: so every answer to a change writes through. */
async function currentLines({ em, services: { cartCache } }: OrdersContext, { id, version }: CartRow): Promise<readonly CartLineFacts[]> {
  const cached = await cartCache.get(id, version);
  if (cached) return cached;
  const lines = await loadLines(em, id);
  const after = await findCart(em, id);
  if (after?.version === version) await cartCache.put(id, version, lines);
  return lines;
}
