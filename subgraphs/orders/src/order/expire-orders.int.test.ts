import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs, anOrder, eventually, makeDue, type OrdersStage, startOrders, stateOf, stepsOf } from '../../test/orders-stage.ts';

describe('expiring orders', () => {
  let stage: OrdersStage;
  beforeAll(async () => {
    stage = await startOrders();
  });
  afterAll(() => stage.close());

  it('goes on past one that cannot be ended, shows it to a person, and ends it once that is mended', async () => {
    const variants = [await stage.aVariant({ stock: 1 }), await stage.aVariant({ stock: 1 })] as const;
    const broken = await anOrder(stage, actAs.user(), variants[0].variantId);
    const sound = await anOrder(stage, actAs.user(), variants[1].variantId);
    const reserve = (pieces: number) =>
      stage.sql('update stock_items set reserved = $2 where variant_id = $1', [variants[0].variantId, pieces]);
    await reserve(0);
    await makeDue(stage, broken);
    await makeDue(stage, sound);
    await eventually('the sound one has expired', async () => (await stateOf(stage, sound.id)) === 'EXPIRED');
    await eventually('a person is asked', async () => (await stepsOf(stage, broken.id)).RELEASE_STOCK === 'NEEDS_ATTENTION');
    expect(await stateOf(stage, broken.id)).toBe('PENDING_PAYMENT');
    expect(await stage.published('OrderExpired', broken.id)).toEqual([]);

    await reserve(1);
    await stage.sql('update saga_steps set next_attempt_at = clock_timestamp() where order_id = $1 and name = $2', [
      broken.id,
      'RELEASE_STOCK',
    ]);
    await eventually('the mended one has expired', async () => (await stateOf(stage, broken.id)) === 'EXPIRED');
    expect(await stepsOf(stage, broken.id)).toMatchObject({ RELEASE_STOCK: 'DONE', VOID_PAYMENT: 'WAITING' });
  });
});
