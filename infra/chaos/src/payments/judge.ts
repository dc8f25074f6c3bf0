import type { Facts, OrderFact, PaymentFact } from './facts.ts';
import type { Played } from './history.ts';

const PAID = new Set(['CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED']);
const ENDED = new Set(['CANCELLED', 'EXPIRED']);

/** What is wrong with one checkout, as sentences; none when customer, order, payment, ledger and provider tell the same. */
export function judge(played: Played, facts: Facts): string[] {
  const name = `checkout ${played.plan.number} (${played.plan.kind})`;
  const about = (text: string) => `${name}${played.orderId ? `, order ${played.orderId}` : ''}: ${text}`;
  return violations(played, facts).map(about);
}

function violations(played: Played, facts: Facts): string[] {
  const { orderId, failure } = played;
  const blocked = failure === null ? [] : [`the customer could not go on: ${failure}`];
  if (orderId === null) return blocked;
  const order = facts.orders.get(orderId);
  if (!order) return [...blocked, 'was acknowledged and does not exist'];
  const payment = facts.payments.get(orderId);
  if (!payment) return [...blocked, 'has no payment'];
  return [...blocked, ...ofOrder(played, order, payment), ...ofMoney(order, payment, facts), ...ofCustomer(played, order, payment, facts)];
}

function ofOrder({ buyerId, totalMinor, isCancelAcknowledged, sawConfirmed }: Played, order: OrderFact, payment: PaymentFact): string[] {
  const net = order.captured - order.refunded;
  return said([
    [order.customer !== buyerId || order.total !== totalMinor, `is not what was acknowledged: ${order.total} for ${order.customer}`],
    [!PAID.has(order.state) && !ENDED.has(order.state), `did not end: ${order.state}`],
    [isCancelAcknowledged && order.state !== 'CANCELLED', `was cancelled for the customer, and is ${order.state}`],
    [sawConfirmed && !PAID.has(order.state), `was confirmed for the customer, and is ${order.state}`],
    [PAID.has(order.state) && order.captured !== order.total, `is ${order.state} with ${order.captured} of ${order.total} captured`],
    [ENDED.has(order.state) && net !== 0n, `is ${order.state} and keeps ${net}`],
    [
      order.captured !== payment.captured || order.refunded !== payment.refunded,
      `says ${order.captured} captured and ${order.refunded} refunded, payments ${payment.captured} and ${payment.refunded}`,
    ],
    [payment.attention !== null, `needs a person: ${payment.attention}`],
    [payment.refunding !== 0n, `has ${payment.refunding} on its way back for ever`],
  ]);
}

function ofMoney(order: OrderFact, { id, state, provider, captured, stray, strays }: PaymentFact, facts: Facts): string[] {
  const charges = facts.charges.get(id) ?? [];
  const taken = sum(charges);
  const back = sum(facts.givenBack.get(id) ?? []);
  const cleared = facts.cleared.get(id) ?? 0n;
  const strayBack = [...facts.refunds.values()]
    .filter((refund) => refund.paymentId === id && refund.isStray && refund.state === 'SUCCEEDED')
    .reduce((all, { minor }) => all + minor, 0n);
  const isCharged = provider !== null && state === 'CAPTURED';
  const original = [...facts.refunds.values()].filter(
    (refund) => refund.paymentId === id && refund.destination === 'ORIGINAL' && refund.state === 'SUCCEEDED',
  );
  // Of a payment from a wallet what goes back as it came goes there.
  const believed = original.filter(({ isStray }) => isCharged || isStray).reduce((all, { minor }) => all + minor, 0n);
  const wanted = (isCharged ? 1n : 0n) + strays;
  return said([
    [BigInt(charges.length) !== wanted, `is ${state} by ${provider ?? 'the wallet'} with ${charges.length} charges at the provider`],
    [
      isCharged && (taken - stray !== captured || captured !== order.total),
      `costs ${order.total}, ${captured} is captured, ${taken} was charged, ${stray} of it astray`,
    ],
    [strayBack !== stray, `${stray} came astray, and ${strayBack} of it has gone back`],
    [back !== believed, `${believed} went back to the card for payments, ${back} for the provider`],
    [cleared !== taken - back, `the ledger's clearing account moved ${cleared}, the provider ${taken} - ${back}`],
  ]);
}

function ofCustomer({ paidCharge, strayCharge, refunds }: Played, _order: OrderFact, payment: PaymentFact, facts: Facts): string[] {
  const charges = facts.charges.get(payment.id) ?? [];
  return said([
    [
      paidCharge !== null && !charges.some(({ id }) => id === paidCharge),
      `the page said paid, and charge ${paidCharge} is not in the books`,
    ],
    [
      strayCharge !== null && (payment.strays === 0n || !charges.some(({ id }) => id === strayCharge)),
      `charge ${strayCharge} came astray, and nobody noticed`,
    ],
    [paidCharge !== null && payment.state !== 'CAPTURED', `the page said paid, and the payment is ${payment.state}`],
    ...refunds.map(({ id, minor, destination, isSentBack }): [boolean, string] => {
      const refund = facts.refunds.get(id);
      const isRight =
        refund?.state === (isSentBack ? 'FAILED' : 'SUCCEEDED') && refund.minor === minor && refund.destination === destination;
      return [!isRight, `refund ${id} of ${minor} was acknowledged, and is ${refund?.state ?? 'not there'}`];
    }),
  ]);
}

function said(conditions: readonly (readonly [isWrong: boolean, text: string])[]): string[] {
  return conditions.filter(([isWrong]) => isWrong).map(([, text]) => text);
}

function sum(entries: readonly { readonly amount: number }[]): bigint {
  return entries.reduce((all, { amount }) => all + BigInt(amount), 0n);
}
