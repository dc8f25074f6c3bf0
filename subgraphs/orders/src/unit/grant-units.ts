import { InvariantViolation } from '@tessera/service-kit/errors';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { Act } from '../cause.ts';
import type { OrderEntity, OrderLineEntity } from '../order/order.entity.ts';

/** Gives the customer as many units as each line bought, and answers their ids. The stock was reserved, so there are enough. */
export async function grantUnits({ em, now }: Act, order: OrderEntity, lines: readonly OrderLineEntity[]): Promise<string[]> {
  const granted: string[] = [];
  for (const line of lines) {
    if (line.kind !== 'DIGITAL_UNITS') continue;
    const ids = await claim(em, line);
    await rawSql(
      em,
      `update units set state = 'DELIVERED', owner_id = $2, order_id = $3, order_line_id = $4, granted_at = $5 where id = any($1::text[])`,
      [ids, order.customerId, order.id, line.id, now],
    );
    granted.push(...ids);
  }
  return granted;
}

/** Units that nobody else is claiming; where that comes short, the others may still roll back: then it waits for them. */
async function claim(em: EntityManager, { variantId, quantity }: OrderLineEntity): Promise<string[]> {
  const free = await lockAvailable(em, variantId, quantity, 'skip locked');
  const ids = free.length === quantity ? free : await lockAvailable(em, variantId, quantity, '');
  if (ids.length !== quantity) throw new InvariantViolation(`${quantity} units of ${variantId} were reserved, ${ids.length} are there`);
  return ids;
}

async function lockAvailable(em: EntityManager, variantId: string, quantity: number, wait: 'skip locked' | ''): Promise<string[]> {
  const rows = await rawSql<{ id: string }>(
    em,
    `select id from units where variant_id = $1 and state = 'AVAILABLE' order by id limit $2 for update ${wait}`,
    [variantId, quantity],
  );
  return rows.map((row) => row.id);
}

export async function hasRevealedUnits(em: EntityManager, orderId: string): Promise<boolean> {
  const rows = await rawSql(em, `select id from units where order_id = $1 and state = 'REVEALED' limit 1`, [orderId]);
  return rows.length > 0;
}

/** Takes back what nobody has read; it is not sold again, because its secret has been out of the vault. Answers how many per variant. */
export async function revokeUnits({ em, now }: Act, orderId: string): Promise<{ readonly variantId: string; readonly quantity: number }[]> {
  const rows = await rawSql<{ variant_id: string; quantity: string }>(
    em,
    `with revoked as (
       update units set state = 'REVOKED', revoked_at = $2 where order_id = $1 and state = 'DELIVERED' returning variant_id)
     select variant_id, count(*) as quantity from revoked group by variant_id`,
    [orderId, now],
  );
  return rows.map(({ variant_id, quantity }) => ({ variantId: variant_id, quantity: Number(quantity) }));
}
