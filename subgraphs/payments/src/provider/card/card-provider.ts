import type { AttemptEntity } from '../../attempt/attempt.entity.ts';
import { planCall } from '../../call/plan-call.ts';
import { assessAttempt } from '../../fraud/assess-attempt.ts';
import { clearingOf, referenceOf } from '../../ledger/accounts.ts';
import { sendCommand } from '../../ledger/send-command.ts';
import { PaymentMethodEntity } from '../../method/payment-method.entity.ts';
import type { PaymentEntity } from '../../payment/payment.entity.ts';
import { refundCodeOf, splitOfRefund } from '../../refund/refund-split.ts';
import type { Act } from '../../services.ts';
import type { Authorisation, PaymentProvider } from '../payment-provider.ts';
import type { ClientAction, ProviderName } from '../provider-name.ts';

export const CARD_PROVIDER: ProviderName = 'STRIPE';

/** How long money that goes back is set aside: banks may take weeks to answer. The refund's own answer resolves it long before. */
const REFUND_PENDING_MS = 90 * 86_400_000;

/** Cards: the provider takes the money at once when the customer pays, so there is nothing to capture later. */
export const cardProvider: PaymentProvider = {
  name: CARD_PROVIDER,

  async authorise(subject, act): Promise<Authorisation> {
    const { payment, attempt } = subject;
    if (payment.amountMinor === 0n) return { kind: 'GRANTED' };
    const adapter = act.adapters[CARD_PROVIDER];
    if (!adapter) return { kind: 'REFUSED', reason: 'CARDS_NOT_AVAILABLE' };
    attempt.provider = CARD_PROVIDER;
    const problem = adapter.chargeable({ currency: payment.currency, minor: payment.amountMinor });
    if (problem) return { kind: 'REFUSED', reason: `AMOUNT_${problem.kind}` };
    if (attempt.paymentMethodId && !(await isUsable(attempt.paymentMethodId, payment, act)))
      return { kind: 'REFUSED', reason: 'PAYMENT_METHOD_NOT_FOUND' };
    const { outcome } = await assessAttempt(subject, 'BEFORE', act);
    if (outcome === 'BLOCK') return { kind: 'REFUSED', reason: 'RISK_BLOCKED' };
    await planCall(act, { provider: CARD_PROVIDER, kind: 'OPEN_ATTEMPT', paymentId: payment.id, attemptId: attempt.id });
    return { kind: 'ASKED' };
  },

  /** Only what costs nothing gets here: everything else is captured when it is paid. */
  capture: async () => 'DONE',

  async void({ payment, attempt }, act) {
    if (payment.amountMinor === 0n) return 'DONE';
    await planCall(act, { provider: CARD_PROVIDER, kind: 'CLOSE_ATTEMPT', paymentId: payment.id, attemptId: attempt.id });
    return 'ASKED';
  },

  /** The ledger sets the money aside first: only then is the provider asked, and its answer posts or voids it. */
  async refund(payment, refund, act) {
    if (!act.adapters[CARD_PROVIDER]) return { kind: 'REFUSED', reason: 'CARDS_NOT_AVAILABLE' };
    refund.split = await splitOfRefund(payment, refund, act);
    sendCommand(act, {
      type: 'PostingRequested',
      refundId: refund.id,
      payload: {
        factKey: `refund-hold:${refund.id}`,
        legs: refund.split.map(({ account, minor }) => ({
          debit: account,
          credit: clearingOf(CARD_PROVIDER, payment.currency),
          amount: { currency: payment.currency, minor },
          code: refundCodeOf(refund),
        })),
        pendingUntil: new Date(act.now.getTime() + REFUND_PENDING_MS).toISOString(),
        ...referenceOf(payment),
      },
    });
    return { kind: 'ASKED' };
  },

  clientAction: (payment, attempt, adapters) => actionOf(payment, attempt, adapters[CARD_PROVIDER]?.publishableKey ?? null),
};

async function isUsable(id: string, payment: PaymentEntity, { em }: Act): Promise<boolean> {
  const where = { id, userId: payment.customerId, state: 'ACTIVE', provider: CARD_PROVIDER } as const;
  return (await em.count(PaymentMethodEntity, where)) > 0;
}

function actionOf(payment: PaymentEntity, attempt: AttemptEntity, publishableKey: string | null): ClientAction | null {
  if (payment.state !== 'REQUIRES_ACTION' || payment.nextAttempt) return null;
  const isPage = attempt.clientMode === 'HOSTED_PAGE' && attempt.clientUrl !== null;
  if (isPage) return { kind: 'HOSTED_PAGE', url: attempt.clientUrl ?? null, clientSecret: null, publishableKey: null };
  return attempt.clientSecret ? { kind: 'CONFIRM_IN_PAGE', url: null, clientSecret: attempt.clientSecret, publishableKey } : null;
}
