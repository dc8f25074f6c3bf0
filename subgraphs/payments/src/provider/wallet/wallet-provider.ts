import type { CurrencyCode } from '@tessera/schema/contract';
import type { EntityManager } from '@tessera/service-kit/persistence';
import { AttemptEntity } from '../../attempt/attempt.entity.ts';
import { escrowOf, referenceOf } from '../../ledger/accounts.ts';
import { sendCommand } from '../../ledger/send-command.ts';
import type { LockedPayment } from '../../payment/lock-payment.ts';
import type { PaymentEntity } from '../../payment/payment.entity.ts';
import { type SplitPart, shareLegs, splitCapture } from '../../payment/split.ts';
import { splitOfReturn } from '../../refund/refund-split.ts';
import type { Act } from '../../services.ts';
import { WalletEntity } from '../../wallet/wallet.entity.ts';
import type { Authorisation, PaymentProvider } from '../payment-provider.ts';

const MAX_WALLETS = 100;
/**
 * How long a hold outlives the order's wait for its money. An order that is confirmed at the last moment has delivered before its capture
 * arrives; one that ends has its hold voided by command, so the deadline is only for what nobody ends.
 */
const HOLD_GRACE_MS = 86_400_000;

/** The tender of the platform itself: a hold in the ledger, posted at capture, with the vendors' shares and the fee linked to it. */
export const walletProvider: PaymentProvider = {
  name: null,

  async authorise({ payment, attempt }, act): Promise<Authorisation> {
    if (payment.amountMinor === 0n) return { kind: 'GRANTED' };
    if (!attempt.walletId) return { kind: 'REFUSED', reason: 'WALLET_NOT_FOUND' };
    // Somebody else's wallet reads like one that is not there, also in how long the answer takes.
    const wallet = await act.em.findOne(WalletEntity, { id: attempt.walletId, ownerId: payment.customerId });
    if (!wallet) return { kind: 'WAITING', reason: 'WALLET_NOT_FOUND' };
    if (wallet.isClosed) return { kind: 'REFUSED', reason: 'WALLET_CLOSED' };
    if (wallet.currency !== payment.currency) return { kind: 'REFUSED', reason: 'CURRENCY_MISMATCH' };
    requestHold({ payment, attempt }, wallet.id, act);
    return { kind: 'ASKED' };
  },

  async capture({ payment, attempt }, act) {
    payment.split = splitCapture(payment.currency, payment.shares, act.settings.feeBasisPoints);
    if (payment.amountMinor === 0n) return 'DONE';
    sendCommand(act, {
      type: 'HoldPostRequested',
      attemptId: attempt.id,
      payload: {
        factKey: `capture:${attempt.id}`,
        holdFactKey: holdKey(attempt.id),
        legs: shareLegs(payment.currency, payment.split),
        ...referenceOf(payment),
      },
    });
    return 'ASKED';
  },

  async void({ payment, attempt }, act) {
    if (payment.amountMinor === 0n) return 'DONE';
    sendCommand(act, {
      type: 'HoldVoidRequested',
      attemptId: attempt.id,
      payload: { factKey: `void:${attempt.id}`, holdFactKey: holdKey(attempt.id), ...referenceOf(payment) },
    });
    return 'ASKED';
  },

  async refund(payment, refund, act) {
    const wallet = await walletFor(payment, act.em);
    if (!wallet) return { kind: 'REFUSED', reason: 'WALLET_NOT_FOUND' };
    refund.walletId = wallet.id;
    refund.split = await splitOfReturn(payment, refund.amountMinor, refund.id, act);
    sendCommand(act, {
      type: 'PostingRequested',
      refundId: refund.id,
      payload: {
        factKey: `refund:${refund.id}`,
        legs: refund.split.map((part) => ({
          debit: part.account,
          credit: wallet.id,
          amount: amountOf(payment.currency, part),
          code: 'REFUND',
        })),
        pendingUntil: null,
        ...referenceOf(payment),
      },
    });
    return { kind: 'ASKED' };
  },

  clientAction: () => null,
};

/** Keys of facts come from the attempt's id: a retry of the payment is a new attempt and asks for a new hold. */
function holdKey(attemptId: string): string {
  return `hold:${attemptId}`;
}

function requestHold({ payment, attempt }: LockedPayment, walletId: string, act: Act): void {
  sendCommand(act, {
    type: 'HoldRequested',
    attemptId: attempt.id,
    payload: {
      factKey: holdKey(attempt.id),
      walletId,
      ownerId: payment.customerId,
      creditAccount: escrowOf(payment.currency),
      amount: { currency: payment.currency, minor: payment.amountMinor.toString() },
      deadline: new Date(payment.deadline.getTime() + HOLD_GRACE_MS).toISOString(),
      code: 'ORDER_PAYMENT',
      ...referenceOf(payment),
    },
  });
}

/** The wallet that paid, where it is still open; else the customer's oldest one in that currency. */
async function walletFor(payment: PaymentEntity, em: EntityManager): Promise<WalletEntity | null> {
  const { walletId } = await em.findOneOrFail(AttemptEntity, payment.currentAttemptId);
  const where = { ownerId: payment.customerId, currency: payment.currency, isClosed: false };
  const open = await em.find(WalletEntity, where, { orderBy: { id: 'asc' }, limit: MAX_WALLETS });
  return open.find(({ id }) => id === walletId) ?? open[0] ?? null;
}

function amountOf(currency: CurrencyCode, { minor }: SplitPart) {
  return { currency, minor };
}
