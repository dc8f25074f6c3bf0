import type { EventPayload } from '@tessera/schema/contract';
import type { PostedTransfer } from '../engine/index.ts';

/** How a movement is told to the others: event-time truth about both sides, for live balances. */
export function movementOf(transfer: PostedTransfer): EventPayload<'TransferPosted'> {
  return {
    transferId: transfer.id,
    factKey: transfer.factKey,
    code: transfer.code,
    amount: wire(transfer, transfer.amountMinor),
    debit: sideOf(transfer, transfer.debit),
    credit: sideOf(transfer, transfer.credit),
    orderId: transfer.orderId,
    paymentId: transfer.paymentId,
  };
}

function sideOf(transfer: PostedTransfer, side: PostedTransfer['debit']) {
  return {
    accountId: side.accountId,
    address: side.address,
    ownerId: side.walletOwnerId,
    sequence: Number(side.sequence),
    balance: wire(transfer, side.balanceMinor),
    available: wire(transfer, side.availableMinor),
  };
}

function wire({ currency }: PostedTransfer, minor: bigint) {
  return { currency, minor: minor.toString() };
}
