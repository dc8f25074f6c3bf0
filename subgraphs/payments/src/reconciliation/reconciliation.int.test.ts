import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ensure } from '@tessera/service-kit/errors';
import { createMetrics } from '@tessera/service-kit/service';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { type CardsBed, openCards } from '../../test/cards-bed.ts';
import { type AnOrder, refundRequested, voidRequested } from '../../test/payments-bed.ts';
import { playLedger } from '../../test/play-ledger.ts';
import { ProviderError } from '../provider/provider-error.ts';
import { dateOf, datesDue } from './day.ts';
import { createDailyReconciliation, reconcileDay } from './reconcile-daily.ts';
import { knownDays } from './stored-result.ts';

const QUERY = `query($provider: PaymentProvider!, $date: Date!) { reconciliation(provider: $provider, date: $date) {
  provider date isBalanced checkedAt differenceCount dailyCheckedAt wasBalanced isAsDaily
  totals { currency charged { minor } refunded { minor } disputed { minor } fees { minor } net { minor } ledgerNet { minor } converted { minor } }
  differences { kind book providerId expected { minor } actual { minor } payment { id } } } }`;
const DAY_MS = 86_400_000;

interface Answer {
  readonly isBalanced: boolean;
  readonly differenceCount: number;
  readonly wasBalanced: boolean | null;
  readonly isAsDaily: boolean | null;
  readonly dailyCheckedAt: string | null;
  readonly totals: readonly object[];
  readonly differences: readonly { readonly kind: string; readonly book: string; readonly providerId: string }[];
}

let bed: CardsBed;
let today: string;
beforeAll(async () => {
  bed = await openCards();
});
afterAll(() => bed.close());
beforeEach(() => {
  today = dateOf(new Date());
});

const ask = async (date = today): Promise<Answer> => {
  const { reconciliation } = await bed.data<{ reconciliation: Answer }>(actAs.admin(), QUERY, { provider: 'STRIPE', date });
  return reconciliation;
};
const attemptOf = async (order: AnOrder) => ensure((await bed.attempts(order))[0], 'the attempt');

const book = (order: AnOrder) => playLedger(bed, order);

async function bookedOrder(): Promise<AnOrder> {
  const order = await bed.paidOrder();
  await eventually('the fee is asked for', async () => (await bed.commands(order)).length >= 2);
  await book(order);
  return order;
}

/** Undoes what a test planted. */
async function planted<T>(
  plant: string,
  parameters: readonly unknown[],
  heal: string,
  healing: readonly unknown[],
  work: () => Promise<T>,
): Promise<T> {
  await bed.sql(plant, parameters);
  try {
    return await work();
  } finally {
    await bed.sql(heal, healing);
  }
}

describe('a day of card payments', () => {
  it('balances to the minor unit: charges, fees, refunds, disputes won and lost', async () => {
    const [plain, refunded, won, lost] = [await bookedOrder(), await bookedOrder(), await bookedOrder(), await bookedOrder()];
    const refund = refundRequested(refunded, '2500');
    await bed.tell({ ...refund, payload: { ...refund.payload, destination: 'ORIGINAL' } });
    await book(refunded);
    await eventually('the refund is resolved', async () =>
      (await bed.commands(refunded)).some(({ type }) => type === 'PostingResolutionRequested'),
    );
    await book(refunded);
    for (const [order, outcome] of [
      [won, 'won'],
      [lost, 'lost'],
    ] as const) {
      const { id } = await bed.simulator.control.openDispute(ensure((await attemptOf(order)).charge_id, 'the charge'), { amount: 3_000 });
      await eventually('the dispute is booked', async () =>
        (await bed.commands(order)).some(({ fact_key }) => fact_key.endsWith(':opened')),
      );
      await book(order);
      await bed.simulator.control.closeDispute(id, outcome);
      await eventually('the end is booked', async () =>
        (await bed.commands(order)).some(({ fact_key }) => fact_key.endsWith(`:${outcome}`)),
      );
      await book(order);
    }
    expect(plain).toBeTruthy();

    const answer = await ask();
    expect(answer.differences).toEqual([]);
    expect(answer).toMatchObject({ isBalanced: true, differenceCount: 0, dailyCheckedAt: null, wasBalanced: null, isAsDaily: null });
    const { currencies } = await bed.simulator.control.books();
    const usd = ensure(currencies.usd, 'dollars');
    const money = (minor: number) => ({ minor: String(minor) });
    expect(answer.totals).toEqual([
      {
        currency: 'USD',
        charged: money(usd.charged),
        refunded: money(usd.refunded),
        disputed: money(usd.disputed),
        fees: money(usd.fees),
        net: money(usd.net),
        ledgerNet: money(usd.net),
        converted: money(0),
      },
    ]);
  });

  it('balances when a bank sent a refund back, and when a customer was charged twice', async () => {
    const returned = await bookedOrder();
    const refund = refundRequested(returned, '1200');
    await bed.tell({ ...refund, payload: { ...refund.payload, destination: 'ORIGINAL' } });
    await book(returned);
    const arrived = await eventually('the refund has arrived', async () => {
      const [row] = await bed.sql('select * from refunds where payment_id = $1', [returned.paymentId]);
      return row?.state === 'SUCCEEDED' && row;
    });
    await book(returned);
    await bed.simulator.control.failRefund(String(arrived.provider_refund_id));
    await eventually('it has come back', async () => (await bed.published('RefundReturned', returned)).length === 1);
    await book(returned);

    const stray = await bed.cardOrder();
    const { session_id } = await bed.openPage(stray);
    await bed.tell(voidRequested(stray));
    await bed.until(stray, 'VOIDED');
    await bed.simulator.control.payAfterAll(session_id);
    await eventually('the stray and its fee are known', async () => (await bed.commands(stray)).length === 3);
    expect((await ask()).differences.filter(({ book }) => book !== 'LEDGER')).toEqual([]);
    await book(stray);
    await eventually('it has gone back', async () => (await bed.published('StrayRefunded', stray)).length === 1);
    await book(stray);

    expect(await ask()).toMatchObject({ differences: [], isBalanced: true });
    const { id: attemptId, charge_id: chargeId } = await attemptOf(stray);
    const set = 'update payment_attempts set charge_id = $2 where id = $1';
    const unknown = await planted(set, [attemptId, 'ch_stray'], set, [attemptId, chargeId], () => ask());
    expect(unknown.differences).toContainEqual(expect.objectContaining({ kind: 'MISSING_THERE', providerId: 'ch_stray' }));
    const usd = ensure((await bed.simulator.control.books()).currencies.usd, 'dollars');
    const [total] = (await ask()).totals;
    expect(total).toMatchObject({
      refunded: { minor: String(usd.refunded) },
      net: { minor: String(usd.net) },
      ledgerNet: { minor: String(usd.net) },
    });
  });

  it('balances on days on which nothing happened', async () => {
    expect(await ask('2026-01-15')).toMatchObject({ isBalanced: true, totals: [], differences: [] });
  });
});

describe('a planted difference', () => {
  it('is found when a charge is not known here', async () => {
    const order = await bookedOrder();
    const { charge_id: chargeId, id } = await attemptOf(order);
    const [hide, heal] = [
      'update payment_attempts set charge_id = null where id = $1',
      'update payment_attempts set charge_id = $2 where id = $1',
    ];
    const { differences } = await planted(hide, [id], heal, [id, chargeId], () => ask());
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: 'MISSING_HERE', book: 'PAYMENTS', providerId: chargeId, payment: null }),
    );
  });

  it('is found when the provider does not know a charge', async () => {
    const order = await bookedOrder();
    const { charge_id: chargeId, id } = await attemptOf(order);
    const set = 'update payment_attempts set charge_id = $2 where id = $1';
    const { differences } = await planted(set, [id, 'ch_nobody'], set, [id, chargeId], () => ask());
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: 'MISSING_THERE', book: 'PROVIDER', providerId: 'ch_nobody', payment: { id: order.paymentId } }),
    );
  });

  it('is found when the ledger has not booked it, and is gone once it has', async () => {
    const order = await bed.paidOrder();
    const { charge_id: chargeId } = await attemptOf(order);
    const { differences } = await ask();
    expect(differences).toEqual([
      {
        kind: 'MISSING_IN_LEDGER',
        book: 'LEDGER',
        providerId: chargeId,
        expected: { minor: '10000' },
        actual: null,
        payment: { id: order.paymentId },
      },
    ]);
    await eventually('the fee is asked for', async () => (await bed.commands(order)).length >= 2);
    await book(order);
    expect((await ask()).differences).toEqual([]);
  });

  it.each([
    [
      'an amount in the ledger',
      'amount_minor = amount_minor + 1',
      `code <> 'PROVIDER_FEE'`,
      { kind: 'AMOUNT_DIFFERS', book: 'LEDGER', actual: { minor: '10001' } },
    ],
    [
      'a fee in the ledger',
      'amount_minor = amount_minor - 1',
      `code = 'PROVIDER_FEE'`,
      { kind: 'FEE_DIFFERS', book: 'LEDGER', actual: { minor: '321' } },
    ],
  ])('is found in %s', async (_title, change, which, expected) => {
    const order = await bookedOrder();
    const { charge_id: providerId } = await attemptOf(order);
    const where = `where payment_id = $1 and ${which}`;
    const undo = change.includes('+') ? change.replace('+', '-') : change.replace('-', '+');
    const [plant, heal] = [`update clearing_entries set ${change} ${where}`, `update clearing_entries set ${undo} ${where}`];
    const { differences, isBalanced } = await planted(plant, [order.paymentId], heal, [order.paymentId], () => ask());
    expect(differences).toMatchObject([{ ...expected, providerId }]);
    expect(isBalanced).toBe(false);
  });

  it('is found in a fee of ours, in both books', async () => {
    const order = await bookedOrder();
    const { id } = await attemptOf(order);
    const set = 'update payment_attempts set fee_minor = $2 where id = $1';
    const { differences } = await planted(set, [id, 319], set, [id, 320], () => ask());
    expect(differences).toMatchObject([
      { kind: 'FEE_DIFFERS', book: 'LEDGER', expected: { minor: '319' }, actual: { minor: '320' } },
      { kind: 'FEE_DIFFERS', book: 'PAYMENTS', expected: { minor: '320' }, actual: { minor: '319' } },
    ]);
  });

  it('is found when the ledger has a posting of nothing', async () => {
    const insert = `insert into clearing_entries (transfer_id, provider, fact_key, code, currency, amount_minor, balance_minor, posted_at)
      values ('trf_x', 'STRIPE', 'stripe:refund:re_nobody:succeeded', 'REFUND', 'USD', -7, 0, now() - interval '1 second')`;
    const { differences } = await planted(insert, [], `delete from clearing_entries where transfer_id = 'trf_x'`, [], () => ask());
    expect(differences).toMatchObject([
      { kind: 'MISSING_THERE', providerId: 'stripe:refund:re_nobody:succeeded', expected: { minor: '-7' } },
    ]);
  });

  it('is none when a counterpart is on the other side of midnight', async () => {
    const order = await bookedOrder();
    const shift = `update clearing_entries set posted_at = posted_at + $2::interval where payment_id = $1`;
    const { differences } = await planted(shift, [order.paymentId, '1 day'], shift, [order.paymentId, '-1 day'], () => ask());
    expect(differences).toEqual([]);
  });
});

describe('who may compare, and what', () => {
  it.each([
    ['a customer', () => actAs.user(), { provider: 'STRIPE' }, 'FORBIDDEN'],
    ['a visitor', () => actAs.visitor(), { provider: 'STRIPE' }, 'UNAUTHENTICATED'],
    ['a provider that is not used here', () => actAs.admin(), { provider: 'PAYPAL' }, 'BAD_USER_INPUT'],
    ['a day in the future', () => actAs.admin(), { provider: 'STRIPE', date: dateOf(new Date(Date.now() + DAY_MS)) }, 'BAD_USER_INPUT'],
    ['a day before all books', () => actAs.admin(), { provider: 'STRIPE', date: '0001-01-01' }, 'BAD_USER_INPUT'],
    ['no day', () => actAs.admin(), { provider: 'STRIPE', date: '2026-02-30' }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_title, viewer, variables, code) => {
    const { errors } = await bed.ask(viewer(), QUERY, { date: today, ...variables });
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code }) })]);
  });

  it('says that the provider cannot be read', async () => {
    await bed.simulator.control.setFaults({ serverError: 1 });
    try {
      const { errors } = await bed.ask(actAs.admin(), QUERY, { provider: 'STRIPE', date: today });
      expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }) })]);
    } finally {
      await bed.simulator.control.setFaults({});
    }
  });
});

function fails(): AsyncGenerator<never> {
  return waits(Promise.reject(new ProviderError('UNKNOWN', 'TIMEOUT')));
}
async function* waits(promise: Promise<never>): AsyncGenerator<never> {
  yield await promise;
}

describe('the daily comparison', () => {
  const adapter = () => ensure(bed.subgraph.services.adapters.STRIPE, 'the adapter');
  const run = (date: string) => reconcileDay(bed.subgraph.platform.orm, bed.subgraph.services, adapter(), date);

  it('happens once, whatever the number of processes, and is kept as it was found', async () => {
    const order = await bed.paidOrder();
    const results = await Promise.all([run(today), run(today), run(today)]);
    expect(results.filter((count) => count !== null)).toEqual([1]);
    expect(await ask()).toMatchObject({ isBalanced: false, wasBalanced: false, isAsDaily: true });
    await eventually('the fee is asked for', async () => (await bed.commands(order)).length >= 2);
    await book(order);
    expect(await ask()).toMatchObject({ isBalanced: true, wasBalanced: false, isAsDaily: false, dailyCheckedAt: expect.any(String) });
    expect(await run(today)).toBeNull();
  });

  it('is taken up again when whoever began it has died', async () => {
    const date = '2026-03-03';
    await bed.sql(`insert into reconciliations (provider, date, claimed_until) values ('STRIPE', $1::date, now() + interval '1 hour')`, [
      date,
    ]);
    expect(await run(date)).toBeNull();
    await bed.sql(`update reconciliations set claimed_until = now() - interval '1 second' where date = $1::date`, [date]);
    expect(await run(date)).toBe(0);
  });

  it('MUST come back to a day that failed, though a later one has its result', async () => {
    await bed.sql('delete from reconciliations');
    const [first, second] = [2, 1].map((days) => dateOf(new Date(Date.now() - 600_000 - days * DAY_MS))) as [string, string];
    const failing = { ...adapter(), movements: () => fails() };
    await expect(reconcileDay(bed.subgraph.platform.orm, bed.subgraph.services, failing, first)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
    expect(await run(second)).toBe(0);
    expect(datesDue(await knownDays(bed.subgraph.platform.orm.em.fork(), 'STRIPE', 7), new Date())).toEqual([first]);
    await bed.sql(`update reconciliations set claimed_until = now() - interval '1 second' where checked_at is null`);
    const { services, platform } = bed.subgraph;
    const loop = createDailyReconciliation({ orm: platform.orm, services, metrics: createMetrics('again') });
    loop.start();
    await eventually('both are compared', async () => (await bed.sql('select from reconciliations where is_balanced')).length === 2);
    await loop.close();
  });

  it('goes on to the other days when one fails, and stops reading when its loop is closed', async () => {
    await bed.sql('delete from reconciliations');
    const [first, second] = [2, 1].map((days) => dateOf(new Date(Date.now() - 600_000 - days * DAY_MS))) as [string, string];
    await bed.sql(`insert into reconciliations (provider, date, claimed_until) values ('STRIPE', $1::date, now() - interval '1 second')`, [
      first,
    ]);
    const { services, platform } = bed.subgraph;
    const asked: (AbortSignal | undefined)[] = [];
    const never = Promise.withResolvers<never>();
    const movements = (_from: Date, _to: Date, signal?: AbortSignal) => (asked.push(signal) === 1 ? fails() : waits(never.promise));
    const odd = { ...services, adapters: { STRIPE: { ...adapter(), movements } } };
    const loop = createDailyReconciliation({ orm: platform.orm, services: odd, metrics: createMetrics('odd') });
    loop.start();
    await eventually('the second is asked for', async () => asked.length === 2);
    await loop.close();
    expect(asked[1]?.aborted).toBe(true);
    expect(await bed.sql('select date::text from reconciliations where checked_at is null order by date')).toEqual([
      { date: first },
      { date: second },
    ]);
  });

  it('runs by itself and shows in a metric', async () => {
    await bed.sql('delete from reconciliations');
    const metrics = createMetrics('daily');
    const { services, platform } = bed.subgraph;
    const loop = createDailyReconciliation({ orm: platform.orm, services, metrics });
    loop.start();
    await eventually('yesterday was compared', async () => (await bed.sql('select from reconciliations where is_balanced')).length === 1);
    await loop.close();
    expect(await metrics.text()).toContain('tessera_payments_reconciliation_differences{provider="STRIPE",service="daily"} 0');
  });
});
