import type { Service } from '../src/ask.ts';
import type { Plant } from './plants.ts';

type Statement = readonly [Service, string];

const OLD = `now() - interval '5 minutes'`;

const inPayments = (sql: string): Statement => ['payments', sql];
const inLedger = (sql: string): Statement => ['ledger', sql];

const aCardPayment = (id: string, captured: number, refunded = 0, updatedAt = OLD, disputed = 0): Statement[] => [
  inPayments(
    `insert into payments (id, order_id, currency, current_attempt_id, state, captured_minor, refunded_minor, disputed_minor, needs_attention, updated_at)
     values ('${id}', 'order of ${id}', 'USD', 'attempt of ${id}', 'CAPTURED', ${captured}, ${refunded}, ${disputed}, false, ${updatedAt})`,
  ),
  inPayments(`insert into payment_attempts (id, payment_id, provider, state) values ('attempt of ${id}', '${id}', 'STRIPE', 'SUCCEEDED')`),
];
/** Paid from a wallet after all; what an earlier card attempt brought and lost again is the provider's. */
const aWalletPayment = (id: string, captured: number): Statement[] => [
  inPayments(
    `insert into payments (id, order_id, currency, current_attempt_id, state, captured_minor, refunded_minor, disputed_minor, needs_attention, updated_at)
     values ('${id}', 'order of ${id}', 'USD', 'attempt of ${id}', 'CAPTURED', ${captured}, 0, 0, false, ${OLD})`,
  ),
  inPayments(`insert into payment_attempts (id, payment_id, provider, state) values ('attempt of ${id}', '${id}', null, 'SUCCEEDED')`),
];
const aTransfer = (
  id: string,
  payment: string | null,
  amount: number,
  code: string,
  more: Readonly<Record<string, string>> = {},
): Statement => {
  const all = { id, payment_id: payment, state: 'POSTED', amount_minor: String(amount), code, fact_key: `fact of ${id}`, ...more };
  const values = Object.values(all).map((value) => (value === null ? 'null' : `'${value}'`));
  return inLedger(`insert into transfers (${Object.keys(all).join(', ')}, created_at) values (${values.join(', ')}, ${OLD})`);
};
const accounts = inLedger(
  `insert into accounts (id, address, kind, currency) values
     ('clearing', 'system:clearing.stripe:USD', 'CLEARING', 'USD'), ('escrow', 'system:escrow:USD', 'ESCROW', 'USD'),
     ('expenses', 'system:expenses:USD', 'EXPENSES', 'USD'), ('disputes', 'system:disputes:USD', 'DISPUTES', 'USD'),
     ('payable', 'payable:v:USD', 'PAYABLE', 'USD')`,
);
const charged = { debit_account_id: 'clearing', credit_account_id: 'escrow' };
const givenBack = { debit_account_id: 'payable', credit_account_id: 'clearing' };
const captured = (payment: string, amount: number): Statement =>
  aTransfer(`capture of ${payment}`, payment, amount, 'ORDER_PAYMENT', charged);
const fee = (payment: string, amount: number): Statement =>
  aTransfer(`fee of ${payment}`, payment, amount, 'PROVIDER_FEE', { debit_account_id: 'expenses', credit_account_id: 'clearing' });
/** Money of a refund that the ledger held, and how that ended; open while there is no end. */
const heldFor = (refund: string, payment: string, amount: number, end?: 'POSTED' | 'VOIDED' | 'EXPIRED', code = 'REFUND'): Statement[] => [
  aTransfer(`hold of ${refund}`, payment, amount, code, { ...givenBack, state: 'PENDING', fact_key: `refund:${refund}` }),
  ...(end ? [aTransfer(`end of ${refund}`, payment, amount, code, { ...givenBack, state: end, resolves: `hold of ${refund}` })] : []),
];
const aRefund = (
  id: string,
  payment: string,
  amount: number,
  state: string,
  destination = 'ORIGINAL',
  requestedBy = 'service:orders',
): Statement =>
  inPayments(
    `insert into refunds (id, payment_id, amount_minor, destination, state, requested_by, asked_at, settled_at) values ('${id}', '${payment}', ${amount}, '${destination}', '${state}', '${requestedBy}', ${OLD}, ${OLD})`,
  );
const aHoldCommand = (refund: string, payment: string): Statement =>
  inPayments(
    `insert into ledger_commands (fact_key, type, payment_id, refund_id, payload) values ('refund:${refund}', 'PostingRequested', '${payment}', '${refund}', '{"pendingUntil": "2030-01-01T00:00:00Z"}')`,
  );
const aDispute = (id: string, payment: string, amount: number, state: string): Statement =>
  inPayments(
    `insert into disputes (id, payment_id, provider, amount_minor, state, opened_at) values ('${id}', '${payment}', 'STRIPE', ${amount}, '${state}', ${OLD})`,
  );
const disputed = (id: string, payment: string, amount: number, isWon = false): Statement =>
  aTransfer(id, payment, amount, 'DISPUTE', {
    debit_account_id: isWon ? 'clearing' : 'disputes',
    credit_account_id: isWon ? 'disputes' : 'clearing',
  });
const aCaptureCommand = (payment: string, answer: string | null, debit = 'system:clearing.stripe:USD'): Statement =>
  inPayments(
    `insert into ledger_commands (fact_key, type, payment_id, payload, answer) values
     ('capture of ${payment} from ${debit}', 'PostingRequested', '${payment}', '{"legs": [{"debit": "${debit}", "code": "ORDER_PAYMENT"}]}', ${answer ? `'${answer}'` : 'null'})`,
  );

const STRAY = 'attempt that was over';
/** Charged once more for an attempt that was over: booked, and given back by itself. */
const astray = (payment: string, amount: number): Statement[] => [
  inPayments(`insert into payment_attempts (id, payment_id, provider, state) values ('${STRAY}', '${payment}', 'STRIPE', 'FAILED')`),
  inPayments(
    `insert into payment_events (payment_id, sequence, kind, amount_minor, attempt_id) values ('${payment}', 99, 'STRAY_CAPTURED', ${amount}, '${STRAY}')`,
  ),
  aTransfer('stray', payment, amount, 'STRAY_PAYMENT', charged),
  aRefund('rs', payment, amount, 'SUCCEEDED'),
  inPayments(`update refunds set stray_attempt_id = '${STRAY}' where id = 'rs'`),
  aHoldCommand('rs', payment),
  ...heldFor('rs', payment, amount, 'POSTED', 'STRAY_REFUND'),
];
/** Given back to the card, and sent back by the bank. */
const sentBack = (refund: string, payment: string, amount: number): Statement[] => [
  aRefund(refund, payment, amount, 'FAILED'),
  inPayments(`update refunds set returned_at = ${OLD} where id = '${refund}'`),
  aHoldCommand(refund, payment),
  ...heldFor(refund, payment, amount, 'POSTED'),
  aTransfer(`return of ${refund}`, payment, amount, 'REFUND_RETURNED', { debit_account_id: 'clearing', credit_account_id: 'payable' }),
];

/** A card order with a partial refund to the card, one that failed, one to the wallet, a fee, and disputes that were lost and won. */
const busy: readonly Statement[] = [
  accounts,
  ...aCardPayment('p', 1000, 250, OLD, 300),
  captured('p', 1000),
  fee('p', 30),
  aRefund('r1', 'p', 200, 'SUCCEEDED'),
  aHoldCommand('r1', 'p'),
  ...heldFor('r1', 'p', 200, 'POSTED'),
  aRefund('r2', 'p', 100, 'FAILED'),
  aHoldCommand('r2', 'p'),
  ...heldFor('r2', 'p', 100, 'VOIDED'),
  aRefund('r3', 'p', 50, 'SUCCEEDED', 'WALLET'),
  aTransfer('r3', 'p', 50, 'REFUND', { debit_account_id: 'payable', credit_account_id: 'wallet' }),
  aDispute('d1', 'p', 300, 'LOST'),
  disputed('d1', 'p', 300),
  aDispute('d2', 'p', 400, 'WON'),
  disputed('d2 opened', 'p', 400),
  disputed('d2 won', 'p', 400, true),
  ...sentBack('r5', 'p', 120),
  ...astray('p', 1000),
];

/** A card order of which 10.00 went back to the wallet before all of it was disputed, and lost. */
const beyond: readonly Statement[] = [
  accounts,
  ...aCardPayment('b', 1699, 1000, OLD, 699),
  captured('b', 1699),
  aRefund('rb', 'b', 1000, 'SUCCEEDED', 'WALLET'),
  aTransfer('rb', 'b', 1000, 'REFUND', { debit_account_id: 'payable', credit_account_id: 'wallet' }),
  aDispute('beyond', 'b', 1699, 'LOST'),
  disputed('beyond', 'b', 1699),
  aTransfer('borne by vendors', 'b', 699, 'DISPUTE', { debit_account_id: 'payable', credit_account_id: 'disputes' }),
  aTransfer('borne by the platform', 'b', 1000, 'DISPUTE', { debit_account_id: 'expenses', credit_account_id: 'disputes' }),
];

export const cardPlants: readonly Plant[] = [
  {
    check: 'payments-equal-ledger',
    how: 'a card was charged and the ledger moved less',
    healthy: busy,
    broken: [...aCardPayment('q', 100), captured('q', 99)],
  },
  {
    check: 'payments-equal-ledger',
    how: 'a refund that the provider made is only held',
    healthy: busy,
    broken: [...aCardPayment('q', 100, 40), captured('q', 100), ...heldFor('r4', 'q', 40)],
  },
  {
    check: 'payments-equal-ledger',
    how: 'a top-up was credited twice',
    healthy: [
      accounts,
      ...aCardPayment('t', 70),
      aTransfer('t', 't', 70, 'TOP_UP', { debit_account_id: 'clearing', credit_account_id: 'wallet' }),
    ],
    broken: [aTransfer('again', 't', 70, 'TOP_UP', { debit_account_id: 'clearing', credit_account_id: 'wallet' })],
  },
  {
    check: 'payments-equal-ledger',
    how: 'a top-up that was held back is released to the wallet out of a capture that never was',
    healthy: [
      accounts,
      ...aCardPayment('t', 70),
      aTransfer('t', 't', 70, 'TOP_UP', charged),
      aTransfer('released', 't', 70, 'TOP_UP', { debit_account_id: 'escrow', credit_account_id: 'wallet' }),
    ],
    broken: [...aCardPayment('u', 70), aTransfer('u', 'u', 70, 'TOP_UP', { debit_account_id: 'escrow', credit_account_id: 'wallet' })],
  },
  {
    check: 'payments-equal-ledger',
    how: 'the ledger is behind for longer than a moment',
    healthy: [accounts, ...aCardPayment('young', 100, 0, 'now()')],
    broken: [inPayments(`update payments set updated_at = ${OLD}`)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'a capture never reached the clearing account',
    healthy: busy,
    broken: aCardPayment('q', 100),
  },
  {
    check: 'clearing-equals-payments',
    how: 'a lost dispute was never taken from it',
    healthy: busy,
    broken: [inLedger(`delete from transfers where id = 'd1'`)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'money leaves it as a fee that is no expense',
    healthy: busy,
    broken: [aTransfer('theft', 'p', 5, 'PROVIDER_FEE', givenBack)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'something moves it that belongs to no payment',
    healthy: busy,
    broken: [aTransfer('stray', null, 5, 'OTHER', charged)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'the money of one payment is booked on the account of another provider',
    healthy: busy,
    broken: [inPayments(`update payment_attempts set provider = 'PAYPAL'`)],
  },
  {
    check: 'refunds-and-disputes-within-captured',
    how: 'a lost dispute and refunds take more than there was',
    healthy: [
      ...busy,
      inPayments(`insert into refunds (id, payment_id, amount_minor, state) values ('waits for its capture', 'not yet', 5, 'PENDING')`),
      inPayments(`insert into payments (id, captured_minor) values ('not yet', 0)`),
      ...beyond.filter((statement) => statement !== accounts),
    ],
    broken: [aRefund('r4', 'p', 451, 'PENDING')],
  },
  {
    check: 'refunds-and-disputes-within-captured',
    how: 'a dispute beyond the capture counts whole against it',
    healthy: beyond,
    broken: [inPayments(`update payments set disputed_minor = 1699 where id = 'b'`)],
  },
  {
    check: 'refunds-and-disputes-within-captured',
    how: 'more counts as disputed than is',
    healthy: beyond,
    broken: [inPayments(`update disputes set amount_minor = 698 where id = 'beyond'`)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'of a dispute beyond the capture only what fits was taken from it',
    healthy: beyond,
    broken: [inLedger(`update transfers set amount_minor = 699 where id = 'beyond'`)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'the dispute of an attempt by another way to pay was never taken from it',
    healthy: [accounts, ...aWalletPayment('w', 100), aDispute('stray', 'w', 100, 'LOST'), disputed('stray', 'w', 100)],
    broken: [inLedger(`delete from transfers where id = 'stray'`)],
  },
  {
    check: 'payments-equal-ledger',
    how: 'what a bank sent back is still given back in the ledger',
    healthy: busy,
    broken: [inLedger(`delete from transfers where id = 'return of r5'`)],
  },
  {
    check: 'clearing-equals-payments',
    how: 'what a bank sent back was taken back twice',
    healthy: busy,
    broken: [aTransfer('again', 'p', 120, 'REFUND_RETURNED', { debit_account_id: 'clearing', credit_account_id: 'payable' })],
  },
  {
    check: 'clearing-equals-payments',
    how: 'money that came astray was never booked',
    healthy: busy,
    broken: [inLedger(`delete from transfers where id = 'stray'`)],
  },
  {
    check: 'card-refunds-resolved',
    how: 'money that came astray went back and is still only held',
    healthy: busy,
    broken: [inLedger(`delete from transfers where id = 'end of rs'`)],
  },
  {
    check: 'card-refunds-resolved',
    how: 'what a bank sent back had never been posted',
    healthy: busy,
    broken: [inLedger(`update transfers set state = 'VOIDED' where id = 'end of r5'`)],
  },
  {
    check: 'card-captures-posted',
    how: 'the ledger was never asked for the first leg',
    healthy: [...aCardPayment('p', 100), aCaptureCommand('p', 'PostingCompleted'), ...aCardPayment('young', 100, 0, 'now()')],
    broken: [...aCardPayment('q', 100), aCaptureCommand('q', 'PostingCompleted', 'system:escrow:USD')],
  },
  {
    check: 'card-captures-posted',
    how: 'the ledger refused or did not answer',
    healthy: [...aCardPayment('p', 100), aCaptureCommand('p', 'PostingCompleted')],
    broken: [...aCardPayment('q', 100), aCaptureCommand('q', null)],
  },
  {
    check: 'card-refunds-resolved',
    how: 'what succeeded is still only held',
    healthy: busy,
    broken: [aRefund('r4', 'p', 10, 'SUCCEEDED'), aHoldCommand('r4', 'p'), ...heldFor('r4', 'p', 10)],
  },
  {
    check: 'card-refunds-resolved',
    how: 'what failed was posted all the same',
    healthy: [...busy, aRefund('never held', 'p', 10, 'FAILED')],
    broken: [aRefund('r4', 'p', 10, 'FAILED'), aHoldCommand('r4', 'p'), ...heldFor('r4', 'p', 10, 'POSTED')],
  },
  {
    check: 'card-refunds-resolved',
    how: 'what failed is still held',
    healthy: [...busy, aRefund('lapsed', 'p', 10, 'FAILED'), aHoldCommand('lapsed', 'p'), ...heldFor('lapsed', 'p', 10, 'EXPIRED')],
    broken: [aRefund('r4', 'p', 10, 'FAILED'), aHoldCommand('r4', 'p'), ...heldFor('r4', 'p', 10)],
  },
  {
    check: 'card-refunds-resolved',
    how: 'one leg was posted and the other given back',
    healthy: busy,
    broken: [...heldFor('r1 too', 'p', 10, 'VOIDED'), inLedger(`update transfers set fact_key = 'refund:r1' where id = 'hold of r1 too'`)],
  },
  {
    check: 'card-refunds-resolved',
    how: 'money went back to a card and nothing was held for it',
    healthy: [...busy, aRefund('made at the provider', 'p', 10, 'SUCCEEDED', 'ORIGINAL', 'provider:stripe')],
    broken: [aRefund('r4', 'p', 10, 'SUCCEEDED')],
  },
];
