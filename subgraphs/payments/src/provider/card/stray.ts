import { ensure } from '@tessera/service-kit/errors';
import { newId } from '@tessera/service-kit/ids';
import type { AttemptEntity } from '../../attempt/attempt.entity.ts';
import { clearingOf, escrowOf, referenceOf } from '../../ledger/accounts.ts';
import { sendCommand } from '../../ledger/send-command.ts';
import type { PaymentEntity } from '../../payment/payment.entity.ts';
import { record } from '../../payment/record.ts';
import { addRefund, askRefund } from '../../refund/ask-refund.ts';
import type { Act } from '../../services.ts';
import { captureKey, postFee } from './captured.ts';

/** Why it goes back: the customer was charged for an attempt that was over. */
const STRAY_CAPTURE = 'STRAY_CAPTURE';

/**
 * The provider has money for an attempt that was over, such as one that was replaced: the payment captures nothing by it. It waits in escrow
 * and goes back the way it came, by itself. Runs once per attempt, in the transaction that learned of the charge.
 */
export async function returnStray(payment: PaymentEntity, attempt: AttemptEntity, act: Act): Promise<void> {
  const { currency, amountMinor } = payment;
  const leg = {
    debit: clearingOf(ensure(attempt.provider, 'the provider of an attempt'), currency),
    credit: escrowOf(currency),
    amount: { currency, minor: amountMinor.toString() },
    code: 'STRAY_PAYMENT',
  };
  const payload = { factKey: captureKey(attempt), legs: [leg], pendingUntil: null, ...referenceOf(payment) };
  record(payment, { kind: 'STRAY_CAPTURED', amountMinor, attemptId: attempt.id }, act);
  sendCommand(act, { type: 'PostingRequested', attemptId: attempt.id, payload });
  postFee({ payment, attempt }, act);
  const refund = addRefund(payment, { id: newId('refund'), amountMinor, destination: 'ORIGINAL', reason: STRAY_CAPTURE }, act);
  refund.strayAttemptId = attempt.id;
  await askRefund(payment, refund, act);
}
