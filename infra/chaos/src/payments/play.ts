import { setTimeout as sleep } from 'node:timers/promises';
import { type Payment, type PaymentOutcome, SimulatorError } from '@tessera/stripe-simulator';
import { eventually } from '../patience.ts';
import type { World } from '../world/world.ts';
import type { SeenOrder } from './documents.ts';
import type { Played } from './history.ts';
import type { CheckoutPlan } from './plan.ts';
import { paymentOf, type Refunder, type Shopper, sessionOf } from './shopper.ts';

const SECURE_CARD = '4000002760003184';
const PAGE_WITHIN_MS = 40_000;
const ENDS_WITHIN_MS = 40_000;
/** After the order was cancelled, and long enough for the platform to have tried to close the page. */
const LATE_BANK_MS = 3_000;

export interface Stage {
  readonly world: World;
  readonly shopper: Shopper;
  readonly refunder: Refunder;
}

/** The part that needs the customer's cart, one after the other: an order, acknowledged. */
export async function begin({ world, shopper }: Stage, played: Played): Promise<void> {
  const { kind, product, quantity, currency } = played.plan;
  const variantId = world.variantIds[product % world.variantIds.length] ?? '';
  const saved = kind === 'SAVED_CARD' ? { paymentMethodId: await shopper.savedCard() } : {};
  const { orderId, totalMinor } = await shopper.buy({ variantId, quantity, currency, ...saved });
  played.orderId = orderId;
  played.totalMinor = totalMinor;
}

/** What the customer does with the order. Whatever the customer is told goes into the history. */
export async function goOn(stage: Stage, played: Played): Promise<void> {
  const { kind, pauseMs } = played.plan;
  if (kind === 'ABANDONS') return;
  if (kind === 'SAVED_CARD') return waitForShop(stage, played);
  if (kind === 'CANCELS_FIRST') {
    await sleep(pauseMs);
    return cancel(stage, played);
  }
  const session = await pageOf(stage, played);
  if (session === null) return;
  await sleep(pauseMs);
  await atThePage(stage, played, session);
  if (!played.isCancelAcknowledged) await waitForShop(stage, played);
}

/** Nobody leaves before the shop has said how it ended: that also keeps the load within what the platform can do. */
async function waitForShop({ shopper }: Stage, played: Played): Promise<void> {
  const state = await shopper.endOf(orderIdOf(played), ENDS_WITHIN_MS);
  played.notes.push(`shop: ${state ?? 'no answer'}`);
  played.sawConfirmed = state === 'CONFIRMED';
}

async function atThePage(stage: Stage, played: Played, session: string): Promise<void> {
  const { kind, card, decliningCard, bankMs, pauseMs, failsSecureFirst } = played.plan;
  const pay = (payment: Payment) => payAt(stage, played, session, payment);
  switch (kind) {
    case 'PAYS':
      return void (await pay({ card, delayMs: Math.floor(bankMs / 4) }));
    case 'DECLINED_THEN_PAYS':
      await pay({ card: decliningCard });
      return void (await pay({ card }));
    case 'THREE_D_SECURE':
      if (failsSecureFirst) await pay({ card: SECURE_CARD, threeDSecure: 'FAIL' });
      return void (await pay({ card: SECURE_CARD, threeDSecure: 'COMPLETE' }));
    case 'WALLET_INSTEAD':
      return payFromWallet(stage, played);
    case 'CHARGED_TWICE':
      await payFromWallet(stage, played);
      return chargeAfterAll(stage, played, session);
    case 'CANCELS_WHILE_PAYING':
      return void (await Promise.all([pay({ card, delayMs: bankMs }), sleep(pauseMs).then(() => cancel(stage, played))]));
    case 'PAYS_TOO_LATE':
      return void (await Promise.all([pay({ card, delayMs: LATE_BANK_MS + bankMs }), sleep(pauseMs).then(() => cancel(stage, played))]));
    case 'REFUND_TO_CARD':
    case 'REFUND_TO_WALLET':
      await pay({ card });
      return void (await refund(stage, played, kind === 'REFUND_TO_CARD' ? 'ORIGINAL' : 'WALLET'));
    case 'REFUND_SENT_BACK':
      await pay({ card });
      return refundTwice(stage, played);
    default:
      throw new Error(`Nobody does ${kind} at the page.`);
  }
}

/** The session of the hosted page; null when the order ended before there was one. */
async function pageOf({ shopper }: Stage, played: Played): Promise<string | null> {
  const isDecided = (order: SeenOrder) => sessionOf(paymentOf(order)?.clientAction?.url) !== null || order.state !== 'PENDING_PAYMENT';
  const order = await shopper.orderWhen(orderIdOf(played), isDecided, PAGE_WITHIN_MS);
  const session = sessionOf(paymentOf(order)?.clientAction?.url);
  if (session === null) played.notes.push(`no page, the order is ${order?.state ?? 'not to be seen'}`);
  return session;
}

async function payAt({ world }: Stage, played: Played, session: string, payment: Payment): Promise<void> {
  const outcome = await attempt(world, session, payment);
  const told = 'refused' in outcome ? outcome.refused : [outcome.status, outcome.declineCode].filter(Boolean).join(' ');
  played.notes.push(`page: ${told}`);
  if ('status' in outcome && outcome.status === 'SUCCEEDED') played.paidCharge = outcome.charge;
}

async function attempt({ simulator }: World, session: string, payment: Payment): Promise<PaymentOutcome | { readonly refused: string }> {
  try {
    return await simulator.payCheckoutSession(session, payment);
  } catch (error) {
    if (error instanceof SimulatorError) return { refused: `${error.code} ${error.message}` };
    throw error;
  }
}

async function cancel({ shopper }: Stage, played: Played): Promise<void> {
  const { __typename } = await shopper.cancel(orderIdOf(played));
  played.notes.push(`cancel: ${__typename}`);
  played.isCancelAcknowledged = __typename === 'OrderCancelled';
}

async function payFromWallet({ shopper }: Stage, played: Played): Promise<void> {
  const paymentId = paymentOf(await shopper.order(orderIdOf(played)))?.id;
  if (!paymentId) return void played.notes.push('no payment to be seen');
  const { __typename } = await shopper.payFromWallet(paymentId, played.plan.currency);
  played.notes.push(`wallet instead: ${__typename}`);
}

/** The page was closed because the customer pays otherwise, and the provider takes the money there all the same. */
async function chargeAfterAll({ world, shopper }: Stage, played: Played, session: string): Promise<void> {
  const isLeft = (order: SeenOrder) => order.payments !== null && paymentOf(order)?.state !== 'REQUIRES_ACTION';
  const order = await shopper.orderWhen(orderIdOf(played), isLeft, ENDS_WITHIN_MS);
  if (!order || !isLeft(order)) return void played.notes.push('the page is open still');
  const { status, charge } = await world.simulator.payAfterAll(session, { card: played.plan.card });
  played.notes.push(`charged after all: ${status}`);
  played.strayCharge = charge;
}

/** To the card, whose bank sends it back; then, by somebody who looks after it, to the wallet. */
async function refundTwice(stage: Stage, played: Played): Promise<void> {
  const { world, refunder } = stage;
  const given = await refund(stage, played, 'ORIGINAL', true);
  if (!given) return;
  const [there] = await eventually(
    'the provider has the refund',
    () => world.simulator.refundsFor('refund_id', given.id),
    (refunds) => refunds.some(({ status }) => status === 'succeeded'),
    ENDS_WITHIN_MS,
  );
  // Whether the platform knew that it had arrived is left to chance.
  await sleep(played.plan.pauseMs);
  await world.simulator.failRefund(there?.id ?? '');
  const state = await refunder.refundWhen(given.paymentId, given.id, 'FAILED', ENDS_WITHIN_MS);
  played.notes.push(`sent back: ${state}`);
  await refund(stage, played, 'WALLET');
  await refunder.settleAttention(given.paymentId, 'Given back to the wallet.');
}

interface Given {
  readonly id: string;
  readonly paymentId: string;
}

async function refund(
  { shopper, refunder }: Stage,
  played: Played,
  destination: 'ORIGINAL' | 'WALLET',
  isSentBack = false,
): Promise<Given | null> {
  if (played.paidCharge === null) return null;
  const isOver = (order: SeenOrder) =>
    order.state === 'PENDING_PAYMENT' ? false : order.state !== 'CONFIRMED' || paymentOf(order)?.state === 'CAPTURED';
  const order = await shopper.orderWhen(orderIdOf(played), isOver, ENDS_WITHIN_MS);
  const payment = paymentOf(order);
  if (payment?.state !== 'CAPTURED' || order?.state !== 'CONFIRMED') {
    played.notes.push('nothing to give back');
    return null;
  }
  const minor = refundOf(played.plan, played.totalMinor);
  const outcome = await refunder.refund(payment.id, { currency: played.plan.currency, minor }, destination);
  if (typeof outcome !== 'string') {
    played.notes.push(`refund: ${outcome.__typename} ${outcome.message ?? ''}`);
    return null;
  }
  played.refunds.push({ id: outcome, minor, destination, isSentBack });
  return { id: outcome, paymentId: payment.id };
}

function refundOf({ refundPercent }: CheckoutPlan, totalMinor: bigint): bigint {
  const part = (totalMinor * BigInt(refundPercent)) / 100n;
  return part > 0n ? part : 1n;
}

function orderIdOf({ orderId }: Played): string {
  if (orderId === null) throw new Error('There is no order.');
  return orderId;
}
