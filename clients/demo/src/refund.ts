import { randomUUID } from 'node:crypto';
import { OrderDocument, OrderTimelineDocument, RefundCreateDocument } from '@tessera/sdk';
import { minor, show, showMinor } from './amounts.ts';
import { type CardOrder, readPayment } from './card.ts';
import { CURRENCY } from './currency.ts';
import { eventually } from './eventually.ts';
import { must, mustBe } from './failure.ts';
import { type Person, walletIn } from './person.ts';
import type { Print } from './print.ts';
import type { BalanceEvent, Watch } from './watch.ts';

const TO_CARD_MINOR = 300n;
const TO_WALLET_MINOR = 200n;

export interface RefundParts {
  readonly buyer: Person;
  readonly admin: Person;
  readonly order: CardOrder;
  readonly balance: Watch<BalanceEvent>;
  readonly print: Print;
}

/** A part goes back to the card and a part to the wallet; payment, order, history and ledger must tell the same of it. */
export async function refundParts({ buyer, admin, order, balance, print }: RefundParts): Promise<void> {
  const before = await readPayment(buyer, order.paymentId);
  const wallet = await walletIn(CURRENCY, buyer);
  await refund(admin, before, 'ORIGINAL', TO_CARD_MINOR);
  await refund(admin, before, 'WALLET', TO_WALLET_MINOR);
  // It comes in two transfers: what the vendor gives back, and the fee.
  await balance.until(
    'the refund arrives in the wallet',
    ({ transfer, balance: now }) => transfer?.code === 'REFUND' && minor(now) === minor(wallet.balance) + TO_WALLET_MINOR,
  );
  const { refunds, captured, refunded } = await eventually(
    'both refunds have arrived',
    () => readPayment(buyer, order.paymentId),
    (payment) => payment.refunds.length === 2 && payment.refunds.every(({ state }) => state === 'SUCCEEDED'),
  );
  for (const { amount, destination, state } of refunds) print.fact(`Refund of ${show(amount)} to ${destination}: ${state}`);
  must(minor(refunded) === TO_CARD_MINOR + TO_WALLET_MINOR, 'The payment must count both refunds, each once.');

  await refuseMore(admin, order, minor(captured) - minor(refunded) + 1n, print);
  await compare(admin, order.orderId, minor(refunded), print);
}

async function refund(
  { client }: Person,
  payment: Awaited<ReturnType<typeof readPayment>>,
  destination: 'ORIGINAL' | 'WALLET',
  part: bigint,
) {
  const amount = { currency: payment.amount.currency, minor: String(part) };
  const input = { paymentId: payment.id, amount, destination, reason: 'A scratch, says the demo' };
  const { refundCreate } = (await client.mutate(RefundCreateDocument, { input }, { idempotencyKey: randomUUID() })).data;
  mustBe(refundCreate, 'RefundCreated', `Refund to ${destination}`);
}

/** What is left may go back, and not a cent more. */
async function refuseMore({ client }: Person, { paymentId }: CardOrder, tooMuch: bigint, print: Print): Promise<void> {
  const input = { paymentId, amount: { currency: CURRENCY, minor: String(tooMuch) }, reason: 'Too much, says the demo' };
  const { refundCreate } = (await client.mutate(RefundCreateDocument, { input }, { idempotencyKey: randomUUID() })).data;
  const { refundable } = mustBe(refundCreate, 'RefundExceedsCaptured', 'Refund more than is left');
  must(minor(refundable) === tooMuch - 1n, 'The refusal must say what is left.');
  print.fact(`More than is left is refused: ${show(refundable)} could still go back.`);
}

/**
 * The ledger knows nothing of the order's history, nor the order of the ledger's rows: they agree because both are right. Asked by the
 * administrator: no wallet of the buyer is in what a card pays.
 */
async function compare({ client }: Person, id: string, refundedMinor: bigint, print: Print): Promise<void> {
  const look = async () => (await client.query(OrderDocument, { id })).data.order;
  const order = await eventually('the order counts both refunds', look, (seen) => seen != null && minor(seen.refunded) === refundedMinor);
  must(order, 'An administrator must see the order.');
  const transfers = (order.ledgerTransfers ?? []).filter(({ state }) => state === 'POSTED');
  const sumOf = (code: string) => transfers.filter((each) => each.code === code).reduce((sum, { amount }) => sum + minor(amount), 0n);
  for (const { amount, code, debitAccount, creditAccount } of transfers)
    print.fact(`Ledger: ${show(amount)} ${code}, ${debitAccount.displayName} → ${creditAccount.displayName}`);
  must(sumOf('ORDER_PAYMENT') === minor(order.total), 'The ledger must hold the whole payment.');
  must(sumOf('VENDOR_SHARE') + sumOf('PLATFORM_FEE') === minor(order.total), 'What was paid must be shared out to the cent.');
  must(sumOf('REFUND') === refundedMinor, 'The REFUND rows of the ledger must add up to what was refunded.');

  const { history, timeline } = (await client.query(OrderTimelineDocument, { id })).data.order ?? {};
  for (const { kind, state, note } of history ?? []) print.fact(`History: ${kind}, ${state}${note ? ` (${note})` : ''}`);
  for (const { name, state } of timeline ?? []) print.fact(`Timeline: ${name} ${state}`);
  must(history?.filter(({ kind }) => kind === 'REFUND_SUCCEEDED').length === 2, 'The history must tell both refunds.');
  must(timeline?.length && timeline.every(({ state }) => state === 'DONE'), 'Every step of the order must be done.');
  print.fact(`${showMinor(refundedMinor, order.total)} went back, say payment, order, history and ledger alike.`);
}
