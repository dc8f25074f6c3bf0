import { describe, expect, it } from '@jest/globals';
import { eventPayloads } from './events.ts';

const payment = { paymentId: 'pay_1', orderId: 'ord_1', customerId: 'usr_1', tender: 'WALLET' };
const isTaken = (minor: string) => eventPayloads.PaymentCaptured.safeParse({ ...payment, amount: { currency: 'USD', minor } }).success;

describe('an amount in an event', () => {
  it.each(['0', '7', '-1', '1000', '9223372036854775807', '-9223372036854775808'])('may be %s', (minor) => {
    expect(isTaken(minor)).toBe(true);
  });

  it.each(['', '-', '-0', '007', '+1', '1.0', '1e3', ' 1', '9223372036854775808', '-9223372036854775809', '9999999999999999999'])(
    'MUST not be %j: not canonical, or beyond 64 bits',
    (minor) => {
      expect(isTaken(minor)).toBe(false);
    },
  );
});
