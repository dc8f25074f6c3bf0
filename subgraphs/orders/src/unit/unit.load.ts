import type { Loader } from '@tessera/service-kit/graphql';
import { type ConnectionArgs, connectionTypes, paginate } from '@tessera/service-kit/pagination';
import { rawSql } from '@tessera/service-kit/persistence';
import type { OrdersContext, OrdersServices } from '../services.ts';
import { UnitEntity } from './unit.entity.ts';
import { Unit } from './unit.type.ts';

export const UnitConnection = connectionTypes('Unit', () => Unit);

/** Units have one reader beside the audit: their owner. */
export const ownUnit: Loader<UnitEntity, OrdersServices> = {
  name: 'ownUnit',
  batch: async (ids, { em, viewer }) => {
    if (!viewer.userId) return new Map();
    const units = await em.find(UnitEntity, { id: { $in: [...ids] }, ownerId: viewer.userId });
    return new Map(units.map((unit) => [unit.id, unit]));
  },
};

/** Of orders that the viewer has been allowed to see whole. */
export const unitsOfOrder: Loader<readonly UnitEntity[], OrdersServices> = {
  name: 'unitsOfOrder',
  batch: async (ids, { em }) => {
    const units = await em.find(UnitEntity, { orderId: { $in: [...ids] } }, { orderBy: { id: 'asc' } });
    return Map.groupBy(units, (unit) => unit.orderId ?? '');
  },
};

/** Whether somebody has read a secret that the order bought; missing where nobody has. */
export const hasRevealed: Loader<true, OrdersServices> = {
  name: 'hasRevealed',
  batch: async (ids, { em }) => {
    const rows = await rawSql<{ order_id: string }>(
      em,
      `select distinct order_id from units where order_id = any($1::text[]) and state = 'REVEALED'`,
      [ids],
    );
    return new Map(rows.map((row) => [row.order_id, true]));
  },
};

export async function listUnits(context: OrdersContext, ownerId: string, args: ConnectionArgs) {
  const page = await paginate(context.em, {
    entity: UnitEntity,
    where: { ownerId },
    sort: [{ property: 'grantedAt', direction: 'desc' }],
    args,
    filter: { ownerId, name: 'units' },
    secret: context.cursorSecret,
    toNode: (unit): Unit => unit as Unit, // a unit with an owner has been granted
  });
  return new UnitConnection(page);
}
