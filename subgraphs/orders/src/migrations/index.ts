import type { MigrationObject } from '@mikro-orm/core';
import { createStock } from './0001-stock.ts';
import { createCarts } from './0002-carts.ts';
import { createOrders } from './0003-orders.ts';
import { createUnits } from './0004-units.ts';
import { createSaga } from './0005-saga.ts';
import { addPaymentStates } from './0006-payment-states.ts';
import { createDisputes } from './0007-disputes.ts';
import { addRefundReasons } from './0008-refund-reasons.ts';
import { addReturnedRefunds } from './0009-returned-refunds.ts';

/** In order, append-only. */
export const ordersMigrations: readonly MigrationObject[] = [
  createStock,
  createCarts,
  createOrders,
  createUnits,
  createSaga,
  addPaymentStates,
  createDisputes,
  addRefundReasons,
  addReturnedRefunds,
];
