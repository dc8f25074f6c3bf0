import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from '../persistence/index.ts';
import { type PaginateOptions, paginate } from './paginate.ts';

class Order {
  constructor(
    readonly id: string,
    readonly placedAt: Date,
    readonly total: number,
  ) {}
}
class Unit extends Order {}

const rows = [new Order('ord_1', new Date(0), 5), new Order('ord_2', new Date(1), 6)];
const em = { find: async () => rows, count: async () => rows.length } as unknown as EntityManager; // the two operations that a list uses
const byTime = {
  entity: Order,
  where: {},
  sort: [{ property: 'placedAt', direction: 'desc' }],
  filter: null,
  secret: 's',
  toNode: (row) => row,
} satisfies Omit<PaginateOptions<Order, Order>, 'args'>;

describe('the cursor of a list', () => {
  const cursorOf = async () => (await paginate(em, { ...byTime, args: { first: 1 } })).pageInfo.endCursor ?? '';

  it('continues the list that gave it', async () => {
    await expect(paginate(em, { ...byTime, args: { first: 1, after: await cursorOf() } })).resolves.toMatchObject({
      edges: [{ node: { id: 'ord_1' } }],
    });
  });

  it.each([
    ['in another order', { sort: [{ property: 'total', direction: 'desc' }] }],
    ['in the other direction', { sort: [{ property: 'placedAt', direction: 'asc' }] }],
    ['by more keys', { sort: [...byTime.sort, { property: 'total', direction: 'desc' }] }],
    ['of other things', { entity: Unit }],
    ['with another filter', { filter: { state: 'PAID' } }],
  ] as const)('is refused by a list %s', async (_title, other) => {
    const list = paginate(em, { ...byTime, ...other, args: { first: 1, after: await cursorOf() } });
    await expect(list).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
