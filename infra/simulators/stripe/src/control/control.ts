import { type Account, changeSetting } from '../account/account.ts';
import { ApiError } from '../api/errors.ts';
import { checkSettlement } from '../money/settlement.ts';
import { withStatus } from '../objects/balance.ts';
import { reopenSession } from '../objects/checkout/pay-after-all.ts';
import { closeDispute, openDispute } from '../objects/disputes.ts';
import { withPending } from '../objects/event-endpoints.ts';
import { expectRecord } from '../objects/records.ts';
import { failRefund, succeedRefund } from '../objects/refunds.ts';
import type { Timeline } from '../timeline.ts';
import type { Dispatcher } from '../webhooks/dispatcher.ts';
import { booksOf, chargesFor, disputeEntry, refundsFor } from './books.ts';
import { authenticate, confirmAsCustomer, outcomeNow, payAsPerson } from './paying.ts';
import { type PaymentOutcome, type ResetOptions, type SimulatorControl, SimulatorError } from './types.ts';
import { type ConfiguredWebhook, configureWebhook, rotateSecret, sendAgain, toDelivery } from './webhook-control.ts';

export interface ControlContext {
  readonly account: Account;
  readonly timeline: Timeline;
  readonly dispatcher: Dispatcher;
  configuredWebhook: ConfiguredWebhook | undefined;
  reset(options: ResetOptions): void;
}

/** The control API in process. */
export function createControl(context: ControlContext): SimulatorControl {
  const { account, dispatcher, timeline } = context;
  const { store, faults, clock } = account;
  const act = <T>(work: () => T): T => {
    try {
      timeline.runDue();
      return store.transaction(work);
    } finally {
      dispatcher.wake();
    }
  };
  const control: SimulatorControl = {
    reset: async (options = {}) => context.reset(options),
    advanceClock: (ms) => {
      if (!(Number.isFinite(ms) && ms >= 0))
        throw new SimulatorError('clock_backwards', 'The clock goes forward only, by a number of milliseconds.');
      return timeline.advance(ms);
    },
    now: async () => clock.nowMs(),
    setFaults: async (plan) => act(() => faults.setPlan(plan)),
    faults: async () => faults.plan,
    injected: async () => faults.injected(),
    setWebhook: async (webhook) => {
      act(() => configureWebhook(account, webhook, context.configuredWebhook));
      context.configuredWebhook = webhook;
    },
    rotateWebhookSecret: async () => {
      const secret = act(() => rotateSecret(account, context.configuredWebhook));
      if (context.configuredWebhook) context.configuredWebhook = { ...context.configuredWebhook, secret };
      return { secret };
    },
    payCheckoutSession: (id, payment = {}) =>
      settled(
        context,
        act(() => payAsPerson(account, id, payment)),
      ),
    payAfterAll: async (id, payment) => {
      act(() => reopenSession(account, id));
      return control.payCheckoutSession(id, payment);
    },
    abandonCheckoutSession: async (id) => ({ cancelUrl: expectRecord(account, 'checkout_session', id).cancel_url }),
    confirmPaymentIntent: (id, payment = {}) =>
      settled(
        context,
        act(() => confirmAsCustomer(account, id, payment)),
      ),
    resolveThreeDSecure: async (id, ok) => act(() => authenticate(account, id, ok)),
    openDispute: async (chargeId, dispute = {}) =>
      act(() => disputeEntry(openDispute(account, expectRecord(account, 'charge', chargeId), dispute))),
    closeDispute: async (id, outcome) => act(() => disputeEntry(closeDispute(account, expectRecord(account, 'dispute', id), outcome))),
    failRefund: async (id) => void act(() => failRefund(account, expectRecord(account, 'refund', id))),
    settleIn: async (settlement) => act(() => changeSetting(account, { settlement: settlement ? checkSettlement(settlement) : null })),
    succeedRefund: async (id) => void act(() => succeedRefund(account, expectRecord(account, 'refund', id))),
    chargesFor: async (key, value) => chargesFor(account, key, value),
    refundsFor: async (key, value) => refundsFor(account, key, value),
    books: async () => booksOf(account),
    balanceTransactions: async () => store.list('balance_transaction').map((one) => withStatus(account, one)),
    events: async () => withPending(account, store.list('event')),
    deliveries: async () => store.list('delivery').map((delivery) => toDelivery(account, delivery)),
    resend: (eventId) => sendAgain(account, dispatcher, eventId, 'RESEND', 1),
    resendTwice: (eventId) => sendAgain(account, dispatcher, eventId, 'RESEND', 2),
    hold: async (eventId) => act(() => dispatcher.hold(eventId)),
    release: async (eventId) => act(() => dispatcher.release(eventId)),
    forge: (eventId) => sendAgain(account, dispatcher, eventId, 'FORGED', 1),
    pendingDeliveries: async () => store.list('due_delivery').length,
  };
  return withSimulatorErrors(control);
}

/** Waits for the bank. */
async function settled({ account, timeline }: ControlContext, outcome: PaymentOutcome): Promise<PaymentOutcome> {
  if (outcome.status !== 'PROCESSING' || outcome.paymentIntent === null) return outcome;
  await timeline.afterTask(outcome.paymentIntent);
  return outcomeNow(account, outcome.paymentIntent);
}

/** Whatever a call throws is a SimulatorError, and comes as a rejection. */
function withSimulatorErrors(control: SimulatorControl): SimulatorControl {
  const guarded = Object.entries(control).map(([name, call]) => [
    name,
    async (...parameters: unknown[]) => {
      try {
        return await (call as (...all: unknown[]) => Promise<unknown>)(...parameters); // each is called with what its caller was checked for
      } catch (error) {
        throw asSimulatorError(error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as SimulatorControl; // the same names
}

function asSimulatorError(error: unknown): unknown {
  if (error instanceof ApiError) return new SimulatorError(error.body.code ?? 'refused', error.message, { cause: error });
  if (error instanceof RangeError) return new SimulatorError('fault_plan_invalid', error.message, { cause: error });
  return error;
}
