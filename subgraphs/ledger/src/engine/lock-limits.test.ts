import { expect, it } from '@jest/globals';
import type { AccountState } from './account.ts';
import { itemOf } from './item.ts';
import { lockLimits } from './lock-limits.ts';
import type { PostRequest } from './request.ts';

const wallet = (isLimited: boolean): AccountState => ({
  ...{ id: 'w', kind: 'WALLET', address: null, ownerId: 'user', currency: 'USD', normalSide: 'CREDIT', floorMinor: 0n },
  ...{ debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n, sequence: 0n, isClosed: false, isLimited },
});
const pay = (code: string): PostRequest => ({
  ...{ scope: 's', key: 'k', actor: 'a', traceparent: null },
  legs: [{ kind: 'MOVE', debit: 'w', credit: 'x', amount: { currency: 'USD', minor: 1n }, code }],
});

it.each([
  ['a transfer of somebody without limits', 'TRANSFER', false, {}, 0],
  ['a payment of somebody with limits', 'ORDER_PAYMENT', true, {}, 0],
  ['a default of another currency', 'TRANSFER', false, { EUR: { perTransferMinor: 1n, perDayMinor: null } }, 0],
  ['a transfer of somebody with limits', 'TRANSFER', true, {}, 3],
  ['a transfer where there is a default', 'TRANSFER', false, { USD: { perTransferMinor: 1n, perDayMinor: null } }, 3],
])('MUST ask nothing more of the database where nobody has a limit: %s', async (_what, code, isLimited, defaults, statements) => {
  let asked = 0;
  const query = async () => {
    asked += 1;
    return [];
  };
  await lockLimits({ query }, [itemOf(pay(code))], { accountOf: () => wallet(isLimited), defaults });
  expect(asked).toBe(statements); // look, open the row, look again
});
