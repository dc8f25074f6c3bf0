import type { CurrencyCode } from '@tessera/schema/contract';
import type { Viewer } from '@tessera/service-kit/identity';
import { newId } from '@tessera/service-kit/ids';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { CartLineFacts } from './cart.ts';

export interface CartRow {
  readonly id: string;
  /** Null for a cart that is known by its id only. */
  readonly ownerId: string | null;
  readonly currency: CurrencyCode;
  /** Grows with every change. */
  readonly version: number;
  readonly updatedAt: Date;
}

type StoredCart = {
  readonly id: string;
  readonly owner_id: string | null;
  readonly currency: CurrencyCode;
  readonly version: number;
  readonly updated_at: string;
};

const COLUMNS = 'id, owner_id, currency, version, updated_at';

/** A cart of somebody is theirs alone; an anonymous one belongs to whoever knows its id. */
export function mayUse({ ownerId }: CartRow, viewer: Viewer): boolean {
  return ownerId === null || ownerId === viewer.userId;
}

export async function findCart(em: EntityManager, cartId: string, lock: 'for update' | '' = ''): Promise<CartRow | null> {
  const [row] = await rawSql<StoredCart>(em, `select ${COLUMNS} from carts where id = $1 ${lock}`, [cartId]);
  return row ? toRow(row) : null;
}

export async function findOwnCart(em: EntityManager, ownerId: string, lock: 'for update' | '' = ''): Promise<CartRow | null> {
  const [row] = await rawSql<StoredCart>(em, `select ${COLUMNS} from carts where owner_id = $1 ${lock}`, [ownerId]);
  return row ? toRow(row) : null;
}

/** Somebody has one cart: where two requests create it at once, both get the same. */
export async function createCart(em: EntityManager, ownerId: string | null, currency: CurrencyCode, now: Date): Promise<CartRow> {
  const [row] = await rawSql<StoredCart>(
    em,
    `insert into carts (id, owner_id, currency, created_at, updated_at) values ($1, $2, $3, $4, $4)
     on conflict (owner_id) where owner_id is not null do update set updated_at = excluded.updated_at returning ${COLUMNS}`,
    [newId('cart'), ownerId, currency, now],
  );
  return toRow(row as StoredCart); // an upsert answers its row
}

export async function loadLines(em: EntityManager, cartId: string): Promise<CartLineFacts[]> {
  return rawSql<{ variantId: string; quantity: number }>(
    em,
    'select variant_id as "variantId", quantity from cart_lines where cart_id = $1 order by added_at, variant_id',
    [cartId],
  );
}

export async function putLines(em: EntityManager, cartId: string, lines: readonly CartLineFacts[], now: Date): Promise<void> {
  await rawSql(
    em,
    `insert into cart_lines (cart_id, variant_id, quantity, added_at)
     select $1, variant_id, quantity, $4 from unnest($2::text[], $3::integer[]) as l (variant_id, quantity)
     on conflict (cart_id, variant_id) do update set quantity = excluded.quantity`,
    [cartId, lines.map((line) => line.variantId), lines.map((line) => line.quantity), now],
  );
}

/** All lines, or those of one variant. */
export async function removeLines(em: EntityManager, cartId: string, variantId: string | null = null): Promise<void> {
  await rawSql(em, 'delete from cart_lines where cart_id = $1 and ($2::text is null or variant_id = $2)', [cartId, variantId]);
}

/** Every change of lines ends here: what was read of the older version counts no more. */
export async function touchCart(em: EntityManager, cartId: string, now: Date, currency: CurrencyCode | null = null): Promise<void> {
  await rawSql(em, 'update carts set version = version + 1, updated_at = $2, currency = coalesce($3, currency) where id = $1', [
    cartId,
    now,
    currency,
  ]);
}

export async function deleteCart(em: EntityManager, cartId: string): Promise<void> {
  await rawSql(em, 'delete from carts where id = $1', [cartId]);
}

function toRow({ id, owner_id, currency, version, updated_at }: StoredCart): CartRow {
  return { id, ownerId: owner_id, currency, version, updatedAt: new Date(updated_at) };
}
