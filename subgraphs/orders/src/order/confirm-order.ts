import type { Act } from '../cause.ts';
import { requestCapture } from '../saga/payment-commands.ts';
import { finishStep, recordStep } from '../saga/steps.ts';
import { sellStock } from '../stock/stock-journal.ts';
import { grantUnits } from '../unit/grant-units.ts';
import { recordHistory } from './history.ts';
import type { OrderEntity, OrderLineEntity } from './order.entity.ts';
import { orderPayload } from './order-event.ts';

/**
 * The money is certain: reserved stock is sold, digital units change hands, and what is only held is captured. Runs under the lock of the
 * order's row, in one transaction with the event that brought it about.
 */
export async function confirmOrder(
  act: Act,
  order: OrderEntity,
  lines: readonly OrderLineEntity[],
  timing: { readonly answerDeadlineMs: number },
): Promise<void> {
  order.state = 'CONFIRMED';
  order.confirmedAt = act.now;
  await sellStock(act, order.id, lines);
  await recordStep(act, order.id, 'CONFIRM_STOCK');
  // It may have been put off to be ended, also before a review gave it more time.
  await finishStep(act, order.id, 'RELEASE_STOCK', 'FAILED', 'the order was paid after all');
  await recordHistory(act, order, 'CONFIRMED');
  act.publish({ type: 'OrderConfirmed', aggregateId: order.id, payload: orderPayload(order, lines) });

  const unitIds = await grantUnits(act, order, lines);
  if (unitIds.length > 0) {
    await recordStep(act, order.id, 'DELIVER_UNITS', `${unitIds.length} delivered`);
    await recordHistory(act, order, 'UNITS_DELIVERED');
    act.publish({ type: 'UnitsDelivered', aggregateId: order.id, payload: { ...orderPayload(order, lines), unitIds } });
  }
  if (order.capturedMinor < order.totalMinor) await requestCapture(act, order, timing);
}
