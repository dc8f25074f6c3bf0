import { describe, expect, it } from '@jest/globals';
import { eventPayloads } from '@tessera/schema/contract';
import type { PostedTransfer } from '../engine/index.ts';
import { transferTold } from './post-transfer.ts';

const side = (accountId: string, address: string | null) => ({
  accountId,
  address,
  walletOwnerId: address ? null : 'usr_1',
  sequence: 7n,
  balanceMinor: 2n ** 60n,
  availableMinor: -5n,
});
const transfer: PostedTransfer = {
  id: 'trf_1',
  factKey: 'fact',
  linkedGroup: null,
  debit: side('wal_1', null),
  credit: side('acc_1', 'system:fees:USD'),
  amountMinor: 30n,
  currency: 'USD',
  state: 'POSTED',
  code: 'TRANSFER',
  note: null,
  expiresAt: null,
  resolves: null,
  releasedMinor: null,
  reverses: null,
  orderId: null,
  paymentId: 'pay_1',
  createdAt: new Date('2026-11-21T09:00:00.000Z'),
};

describe('what is told of a transfer', () => {
  it('MUST be exactly what the contract has, nothing left out and nothing more', () => {
    const request = { scope: 's', key: 'k', legs: [], actor: 'a', traceparent: null };
    const [event] = transferTold(request, { kind: 'POSTED', isReplayed: false, transfers: [transfer] }, 'wal_1');
    expect(event?.type).toBe('TransferPosted');
    expect(eventPayloads.TransferPosted.strict().parse(event?.payload)).toEqual(event?.payload);
    expect(JSON.stringify(event?.payload)).toBe(JSON.stringify(eventPayloads.TransferPosted.parse(event?.payload)));
  });
});
