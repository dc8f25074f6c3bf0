import type { Service } from '../src/ask.ts';

/** A way to break each rule, as somebody with the database in hand would. `healthy` makes rows that the check must accept first. */
export interface Plant {
  readonly check: string;
  readonly how: string;
  readonly healthy?: readonly (readonly [Service, string])[];
  readonly broken: readonly (readonly [Service, string])[];
}

const OLD = `now() - interval '5 minutes'`;
const anOrder = (id: string, state: string, more = '') =>
  `insert into orders (id, quote_id, customer_id, state, payment_id, captured_minor, refunded_minor, placed_at) values ('${id}', 'quote of ${id}', 'buyer', '${state}', 'payment of ${id}', 0, 0, ${OLD})${more}`;
const aLine = (order: string, quantity: number) =>
  `insert into order_lines (id, order_id, variant_id, quantity) values ('line of ${order}', '${order}', 'v', ${quantity})`;
const aMovement = (order: string | null, onHand: number, reserved: number, sold: number) =>
  `insert into stock_movements (variant_id, order_id, delta_on_hand, delta_reserved, delta_sold) values ('v', ${order ? `'${order}'` : 'null'}, ${onHand}, ${reserved}, ${sold})`;
const stock = (onHand: number, reserved: number, sold: number) =>
  `insert into stock_items (variant_id, on_hand, reserved, sold) values ('v', ${onHand}, ${reserved}, ${sold})`;
const aUnit = (id: string, state: string, owner: string | null, order: string | null) =>
  `insert into units (id, variant_id, state, owner_id, order_id, order_line_id) values ('${id}', 'v', '${state}', ${owner ? `'${owner}'` : 'null'}, ${order ? `'${order}', 'line of ${order}'` : 'null, null'})`;
const aPayment = (id: string, order: string, captured: number, refunded = 0) =>
  `insert into payments (id, order_id, captured_minor, refunded_minor, updated_at) values ('${id}', '${order}', ${captured}, ${refunded}, ${OLD})`;
const aCapture = (payment: string, amount: number) =>
  `insert into transfers (id, payment_id, state, resolves, amount_minor, code, created_at) values ('capture of ${payment}', '${payment}', 'POSTED', 'hold', ${amount}, 'ORDER_PAYMENT', ${OLD})`;
const sold = [
  stock(3, 0, 2),
  aMovement(null, 5, 0, 0),
  anOrder('o', 'CONFIRMED'),
  aLine('o', 2),
  aMovement('o', 0, 2, 0),
  aMovement('o', -2, -2, 2),
];
const inOrders = (statements: readonly string[]) => statements.map((sql): readonly [Service, string] => ['orders', sql]);
const inLedger = (...statements: readonly string[]) => statements.map((sql): readonly [Service, string] => ['ledger', sql]);

export const ledgerPlants: readonly Plant[] = [
  {
    check: 'debits-equal-credits',
    how: 'a counter is raised',
    broken: inLedger(`update accounts set credits_posted = credits_posted + 1 where kind = 'WALLET'`),
  },
  {
    check: 'inside-equals-outside',
    how: 'the bank forgets',
    broken: inLedger(`update accounts set debits_posted = 0 where kind = 'BANK'`),
  },
  {
    check: 'floors-held',
    how: 'an account was once below its floor',
    broken: inLedger(`update transfers set debit_available_after = -1 where code = 'TRANSFER'`),
  },
  {
    check: 'floors-held',
    how: 'an account is below its floor',
    broken: inLedger(`update accounts set debits_pending = 1000000 where kind = 'WALLET'`),
  },
  {
    check: 'limits-counted',
    how: 'somebody has used more of a limit than was sent',
    healthy: inLedger(
      `insert into user_limits (owner_id, currency, per_day_minor, is_own, used_minor, used_on)
       select owner_id, currency, 100, true, 0, date '2001-01-01' from accounts where kind = 'WALLET' order by id limit 1`,
    ),
    broken: inLedger(`update user_limits set used_minor = 5`),
  },
  {
    check: 'limits-counted',
    how: 'nobody counts what somebody sends to whom a default applies',
    healthy: inLedger(
      `insert into user_limits (owner_id, currency, is_own, used_minor, used_on)
       select owner_id, currency, false, 0, date '2001-01-01' from accounts where kind = 'WALLET' order by id limit 1`,
    ),
    broken: inLedger(`update user_limits set used_minor = 5`),
  },
  {
    check: 'limits-counted',
    how: 'what was sent under a default is not counted, although nobody had taken it back',
    healthy: inLedger(
      `insert into user_limits (owner_id, currency, is_own, used_minor, used_on, counted_until)
       select a.owner_id, a.currency, false, 0, (t.created_at at time zone 'UTC')::date, t.created_at - interval '1 second'
       from transfers t join accounts a on a.id = t.debit_account_id where t.code = 'TRANSFER' and t.state = 'POSTED'`,
    ),
    broken: inLedger(`update user_limits set counted_until = now()`),
  },
  {
    check: 'limits-counted',
    how: 'what stays with the same user is counted',
    healthy: inLedger(
      `update accounts set owner_id = (select owner_id from accounts where id = (select debit_account_id from transfers where code = 'TRANSFER' and state = 'POSTED'))
       where id = (select credit_account_id from transfers where code = 'TRANSFER' and state = 'POSTED')`,
      `insert into user_limits (owner_id, currency, per_day_minor, is_own, used_minor, used_on)
       select a.owner_id, a.currency, 1000, true, 0, (t.created_at at time zone 'UTC')::date
       from transfers t join accounts a on a.id = t.debit_account_id where t.code = 'TRANSFER' and t.state = 'POSTED'`,
    ),
    broken: inLedger(`update user_limits set used_minor = 300`),
  },
  {
    check: 'subtotals-fold',
    how: 'a subtotal says more than was ever moved',
    broken: inLedger(
      `insert into trial_balance_subtotals (until_at, kind, currency, accounts, debits, credits) values (now(), 'WALLET', 'USD', 1, 1000000000, 1)`,
    ),
  },
  {
    check: 'holds-resolved-once',
    how: 'a hold is resolved twice',
    broken: inLedger(
      `insert into transfers (id, state, amount_minor) values ('h', 'PENDING', 1)`,
      `insert into transfers (id, state, amount_minor, resolves) values ('r1', 'POSTED', 1, 'h'), ('r2', 'VOIDED', 1, 'h')`,
    ),
  },
  {
    check: 'holds-resolved-once',
    how: 'a hold is lost from the work list',
    broken: inLedger(`insert into transfers (id, state, amount_minor) values ('h', 'PENDING', 1)`),
  },
  {
    check: 'holds-resolved-once',
    how: 'a hold is posted with more than it held',
    broken: inLedger(
      `insert into transfers (id, state, amount_minor) values ('h', 'PENDING', 1)`,
      `insert into transfers (id, state, amount_minor, resolves) values ('r1', 'POSTED', 2, 'h')`,
    ),
  },
  {
    check: 'counters-fold',
    how: 'both counters are raised',
    broken: inLedger(`update accounts set debits_posted = debits_posted + 5, credits_posted = credits_posted + 5`),
  },
  {
    check: 'counters-fold',
    how: 'an amount is changed',
    broken: inLedger(`update transfers set amount_minor = amount_minor + 1 where code = 'TRANSFER'`),
  },
  { check: 'sequences-gapless', how: 'a transfer disappears', broken: inLedger(`delete from transfers where code = 'TRANSFER'`) },
  {
    check: 'sequences-gapless',
    how: 'two transfers have one number',
    broken: inLedger(`update transfers set debit_sequence = 1 where code = 'TRANSFER'`),
  },
  {
    check: 'balances-chained',
    how: 'a balance after is changed',
    broken: inLedger(`update transfers set credit_balance_after = credit_balance_after + 1 where code = 'TRANSFER'`),
  },
  {
    check: 'balances-chained',
    how: 'an available amount after is changed',
    broken: inLedger(`update transfers set debit_available_after = debit_available_after + 1 where code = 'TRANSFER'`),
  },
  { check: 'facts-have-one-key', how: 'a key is forgotten', broken: inLedger(`delete from transfer_keys where scope <> 'operator'`) },
  {
    check: 'facts-have-one-key',
    how: 'a fact is under two keys',
    broken: inLedger(
      `insert into transfer_keys (key_hash, scope, key, transfer_ids) select gen_random_uuid(), scope, key || '2', transfer_ids from transfer_keys`,
    ),
  },
  {
    check: 'holds-resolved-once',
    how: 'a hold is posted in part, and not all of it was set free',
    healthy: inLedger(
      `insert into transfers (id, state, amount_minor) values ('h', 'PENDING', 5)`,
      `insert into transfers (id, state, amount_minor, released_minor, resolves) values ('r1', 'POSTED', 2, 5, 'h')`,
    ),
    broken: inLedger(`update transfers set released_minor = 2 where id = 'r1'`),
  },
  {
    check: 'transfers-fit-accounts',
    how: 'a transfer names an account that is not there',
    broken: inLedger(`update transfers set credit_account_id = 'acc_none' where code = 'TRANSFER'`),
  },
  {
    check: 'transfers-fit-accounts',
    how: 'a transfer is of another currency than its accounts',
    broken: inLedger(`update transfers set currency = 'EUR' where code = 'TRANSFER'`),
  },
  {
    check: 'resolved-and-reversed-once',
    how: 'a transfer is reversed twice',
    healthy: inLedger(
      `insert into transfers (id, state, reverses) values ('r1', 'POSTED', 't')`,
      `insert into reversals values ('t', 'r1')`,
    ),
    broken: inLedger(`insert into transfers (id, state, reverses) values ('r2', 'POSTED', 't')`),
  },
  {
    check: 'resolved-and-reversed-once',
    how: 'what resolves a hold is not on the list',
    broken: inLedger(`insert into transfers (id, state, resolves) values ('r1', 'VOIDED', 'h')`),
  },
  { check: 'keys-by-hash', how: 'a key is changed', broken: inLedger(`update transfer_keys set key = key || '2'`) },
  {
    check: 'time-never-runs-back',
    how: 'a transfer is dated back',
    broken: inLedger(`update transfers set created_at = created_at - interval '1 day' where code = 'TRANSFER'`),
  },
  { check: 'batches-unchanged', how: 'a note is changed', broken: inLedger(`update transfers set note = 'else' where code = 'TRANSFER'`) },
  { check: 'batches-unchanged', how: 'a batch disappears', broken: inLedger(`delete from transfers where code = 'TRANSFER'`) },
  {
    check: 'hash-chain',
    how: 'a digest is replaced',
    healthy: inLedger(
      `insert into ledger_seals (ordinal, batch_id, chain)
       select 1, id, sha256(int8send(id) || digest) from ledger_batches order by id limit 1`,
    ),
    broken: inLedger(`update ledger_batches set digest = sha256(digest)`),
  },
  { check: 'hash-chain', how: 'a batch is never sealed', broken: inLedger(`delete from unsealed_batches`) },
  {
    check: 'movements-told-once',
    how: 'what moved was never told',
    broken: inLedger(`delete from outbox where packed is not null`),
  },
  {
    check: 'holds-told',
    how: 'a hold is placed and nobody is told',
    healthy: inLedger(
      `insert into transfers (id, state) values ('h', 'PENDING')`,
      `insert into outbox (id, type, aggregate_id, sequence) values ('e', 'HoldPlaced', 'h', 1)`,
    ),
    broken: inLedger(`insert into transfers (id, state) values ('h2', 'PENDING')`),
  },
  {
    check: 'linked-groups-whole',
    how: 'a key joins what was not linked',
    broken: inLedger(`update transfer_keys set transfer_ids = (select array_agg(id) from transfers) where scope = 'operator'`),
  },
];

export const ordersPlants: readonly Plant[] = [
  {
    check: 'stock-adds-up',
    how: 'stock is changed beside the journal',
    healthy: inOrders(sold),
    broken: inOrders([`update stock_items set on_hand = 4`]),
  },
  { check: 'no-oversell', how: 'more is reserved than there is', healthy: inOrders(sold), broken: inOrders([aMovement('p', 0, 4, 0)]) },
  {
    check: 'orders-move-their-lines',
    how: 'an order is sold more than its line has',
    healthy: inOrders(sold),
    broken: inOrders([aMovement('o', -1, 0, 1)]),
  },
  {
    check: 'orders-move-their-lines',
    how: 'an expired order still reserves',
    healthy: inOrders(sold),
    broken: inOrders([anOrder('late', 'EXPIRED'), aLine('late', 1), aMovement('late', 0, 1, 0)]),
  },
  {
    check: 'units-match-stock',
    how: 'a unit is delivered that was not sold',
    healthy: inOrders([
      `insert into variants (id, kind) values ('v', 'DIGITAL_UNITS')`,
      stock(1, 0, 1),
      aUnit('u1', 'AVAILABLE', null, null),
      aUnit('u2', 'DELIVERED', 'buyer', 'o'),
    ]),
    broken: inOrders([aUnit('u3', 'DELIVERED', 'buyer', 'o')]),
  },
  {
    check: 'units-have-one-owner',
    how: 'a unit belongs to somebody else than the buyer',
    healthy: inOrders([...sold, aUnit('u1', 'DELIVERED', 'buyer', 'o')]),
    broken: inOrders([aUnit('u2', 'REVEALED', 'thief', 'o')]),
  },
  {
    check: 'units-have-one-owner',
    how: 'a line gets more units than it bought',
    healthy: inOrders([...sold, aUnit('u1', 'DELIVERED', 'buyer', 'o'), aUnit('u2', 'DELIVERED', 'buyer', 'o')]),
    broken: inOrders([aUnit('u3', 'DELIVERED', 'buyer', 'o')]),
  },
  {
    check: 'one-order-per-key',
    how: 'a quote becomes two orders',
    healthy: inOrders([anOrder('o', 'CONFIRMED')]),
    broken: inOrders([anOrder('p', 'CONFIRMED'), `update orders set quote_id = 'quote of o'`]),
  },
  {
    check: 'one-order-per-key',
    how: 'two keys have one order',
    healthy: inOrders([
      `insert into idempotency_keys (principal, mutation, key, outcome) values ('a', 'checkoutComplete', '1', '{"__typename": "CheckoutCompleted", "orderId": "o"}')`,
    ]),
    broken: inOrders([
      `insert into idempotency_keys (principal, mutation, key, outcome) values ('a', 'checkoutComplete', '2', '{"__typename": "CheckoutCompleted", "orderId": "o"}')`,
    ]),
  },
];

export const paymentsPlants: readonly Plant[] = [
  {
    check: 'one-captured-payment-per-order',
    how: 'an order is paid twice',
    healthy: [['payments', aPayment('p', 'o', 100)]],
    broken: [['payments', aPayment('q', 'o', 100)]],
  },
  {
    check: 'one-captured-payment-per-order',
    how: 'an order is paid twice, beside wallets that are topped up as often as anybody likes',
    healthy: ['a', 'b'].map((id) => ['payments', `insert into payments (id, top_up_wallet_id, captured_minor) values ('${id}', 'w', 5)`]),
    broken: ['p', 'q'].map((id) => ['payments', aPayment(id, 'o', 100)]),
  },
  {
    check: 'payments-equal-ledger',
    how: 'a capture never reached the ledger',
    healthy: [
      ['payments', aPayment('p', 'o', 100)],
      ['ledger', aCapture('p', 100)],
    ],
    broken: [['payments', aPayment('q', 'p', 100)]],
  },
  { check: 'payments-equal-ledger', how: 'the ledger moved what no payment captured', broken: [['ledger', aCapture('p', 100)]] },
  {
    check: 'payments-equal-ledger',
    how: 'a refund is counted that was not posted',
    healthy: [
      ['payments', aPayment('p', 'o', 100)],
      ['ledger', aCapture('p', 100)],
    ],
    broken: [['payments', `update payments set refunded_minor = 10`]],
  },
  {
    check: 'orders-equal-payments',
    how: 'an order believes more than was captured',
    healthy: [
      ['payments', aPayment('payment of o', 'o', 100)],
      ['orders', anOrder('o', 'CONFIRMED')],
      ['orders', `update orders set captured_minor = 100`],
    ],
    broken: [['orders', `update orders set captured_minor = 101`]],
  },
];
