import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { eventually } from '@tessera/service-kit/testing';
import { CARDS, type CardsBed, openCards } from '../../test/cards-bed.ts';
import { type AnOrder, voidRequested } from '../../test/payments-bed.ts';
import { AttemptEntity } from '../attempt/attempt.entity.ts';
import { applyReport } from '../payment/apply-report.ts';
import { lockPayment } from '../payment/lock-payment.ts';
import { actOfWorker } from '../services.ts';
import { createSubgraph } from '../subgraph.ts';

const ORDERS = 12;

describe('a provider that is not at its best', () => {
  let bed: CardsBed;
  beforeAll(async () => {
    bed = await openCards({ providerTimeoutMs: 1_000, maxProviderFailures: 60 });
  });
  afterEach(() => bed.simulator.control.setFaults({}));
  afterAll(() => bed.close());

  const charges = ({ paymentId }: AnOrder) => bed.simulator.control.chargesFor('payment_id', paymentId);

  it.each([
    ['answers get lost', { lostResponse: 0.4 }],
    ['it fails', { serverError: 0.3, rateLimited: 0.2, reset: 0.2 }],
    ['events come twice, and overtake each other', { duplicateWebhook: 0.8, reorderWebhook: 0.8, eventBeforeAnswer: 0.5 }],
    ['events are late or badly signed', { delayWebhook: { probability: 1, maxMs: 1_500 }, badSignature: 0.5 }],
  ])('charges each order once, and posts it once, while %s', async (_what, faults) => {
    await bed.simulator.control.setFaults(faults);
    const orders = await Promise.all(Array.from({ length: ORDERS }, () => bed.cardOrder()));
    await Promise.all(
      orders.map(async (order) =>
        eventually('it is paid', async () =>
          bed.pay(order).then(
            () => true,
            () => false,
          ),
        ),
      ),
    );
    for (const order of orders) await eventually('it is captured', async () => (await bed.payment(order)).state === 'CAPTURED');
    for (const order of orders) {
      expect(await charges(order)).toHaveLength(1);
      expect((await bed.commands(order)).filter(({ fact_key }) => fact_key.endsWith(':succeeded'))).toHaveLength(1);
      expect(await bed.published('PaymentCaptured', order)).toHaveLength(1);
      expect(await bed.attempts(order)).toHaveLength(1);
    }
  });

  it('is left alone for a while when it is gone, and asked again when it is back', async () => {
    await bed.simulator.control.setFaults({ outage: { probability: 1, durationMs: 1_500 } });
    const order = await bed.cardOrder();
    await eventually('it was tried in vain', async () => {
      const [call] = await bed.sql<{ failures: number }>(
        `select failures from provider_calls where payment_id = $1 and kind = 'OPEN_ATTEMPT'`,
        [order.paymentId],
      );
      return (call?.failures ?? 0) > 0;
    });
    expect((await bed.payment(order)).state).toBe('PENDING');
    await bed.simulator.control.setFaults({});
    await bed.pay(order);
    await bed.until(order, 'CAPTURED');
  });

  it('finds what a process had asked for that died before the answer, long after the provider has forgotten the key', async () => {
    const order = await bed.cardOrder();
    const { id, session_id } = await bed.openPage(order);
    await bed.sql(`update payment_attempts set session_id = null, client_url = null, state = 'PENDING' where id = $1`, [id]);
    await bed.sql(`update payments set state = 'PENDING' where id = $1`, [order.paymentId]);
    await bed.sql(
      `update provider_calls set state = 'SENT', due_at = now(), settled_at = null, first_sent_at = now() - interval '30 hours' where id = $1`,
      [`${id}:open-attempt`],
    );
    expect((await bed.openPage(order)).session_id).toBe(session_id);
    await bed.pay(order);
    await bed.until(order, 'CAPTURED');
    expect(await charges(order)).toHaveLength(1);
  });

  it('is asked once by two processes that share the work', async () => {
    const second = createSubgraph(bed.config as never);
    await second.start();
    try {
      const orders = await Promise.all(Array.from({ length: ORDERS }, () => bed.cardOrder()));
      await Promise.all(orders.map((order) => bed.pay(order)));
      for (const order of orders) await bed.until(order, 'CAPTURED');
      for (const order of orders) expect(await charges(order)).toHaveLength(1);
    } finally {
      await second.close();
    }
  });

  it('that reports another amount than was asked for is not believed: a person is asked', async () => {
    const order = await bed.cardOrder();
    const { id, session_id } = await bed.openPage(order);
    const report = {
      kind: 'SUCCEEDED',
      sessionId: session_id,
      intentId: 'pi_other',
      chargeId: `ch_${id}`,
      fee: null,
      card: null,
      amount: { currency: 'USD', minor: 9_999n },
    } as const;
    await apply(order, report);
    expect(await bed.payment(order)).toMatchObject({ state: 'FAILED', captured_minor: '0', attention_reason: 'AMOUNT_MISMATCH' });
    expect(await bed.published('PaymentCaptured', order)).toEqual([]);
  });

  it('that reports money for an attempt that was over asks for a person', async () => {
    const order = await bed.paidOrder({}, CARDS.pays);
    await bed.sql(
      `insert into payment_attempts (id, payment_id, number, tender, provider, state, failure_reason, created_at, updated_at)
       select 'att_early', id, 19, 'CARD', 'STRIPE', 'FAILED', 'REPLACED', now(), now() from payments where id = $1`,
      [order.paymentId],
    );
    const report = {
      kind: 'SUCCEEDED',
      sessionId: 'cs_early',
      intentId: 'pi_early',
      chargeId: 'ch_early',
      fee: null,
      card: null,
      amount: { currency: 'USD', minor: 10_000n },
    } as const;
    await apply(order, report, 'att_early');
    expect(await bed.payment(order)).toMatchObject({ state: 'CAPTURED', captured_minor: '10000', attention_reason: 'STRAY_CAPTURE' });
  });

  const apply = async (order: AnOrder, report: Parameters<typeof applyReport>[2], attemptId?: string) => {
    const origin = { actor: 'service:payments', correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
    await unitOfWork(bed.subgraph.platform.orm.em, origin, async (unit) => {
      const act = actOfWorker(unit, bed.subgraph.services);
      const subject = await lockPayment(act, { id: order.paymentId });
      if (!subject) throw new Error('no payment');
      const attempt = attemptId ? await unit.em.findOneOrFail(AttemptEntity, attemptId) : subject.attempt;
      await applyReport(subject, attempt, report, act);
    });
  };
});

describe('a provider that was gone while the order ended', () => {
  it('is not asked to charge a saved card any more', async () => {
    const bed = await openCards({ providerTimeoutMs: 500, providerRetryMs: 100 });
    try {
      const user = newId('user');
      const id = newId('paymentMethod');
      await bed.sql(
        `insert into payment_methods (id, user_id, provider, state, provider_customer_id, provider_method_id, last4, created_at, updated_at)
         values ($1, $2, 'STRIPE', 'ACTIVE', 'cus_gone', 'pm_card_visa', '4242', now(), now())`,
        [id, user],
      );
      await bed.simulator.control.setFaults({ reset: 1 });
      const order = await bed.cardOrder({ customerId: user, paymentMethodId: id });
      await eventually('it was tried in vain', async () => {
        const [call] = await bed.sql<{ failures: number }>('select failures from provider_calls where payment_id = $1', [order.paymentId]);
        return (call?.failures ?? 0) > 1;
      });
      await bed.tell(voidRequested(order));
      await bed.simulator.control.setFaults({});
      await bed.until(order, 'VOIDED');
      expect(await bed.simulator.control.chargesFor('payment_id', order.paymentId)).toEqual([]);
      expect(await bed.published('PaymentCaptured', order)).toEqual([]);
    } finally {
      await bed.close();
    }
  });
});

describe('a provider that stays silent', () => {
  it('leaves the payment to a person after the bound, and is asked again all the same', async () => {
    const bed = await openCards({ providerTimeoutMs: 200, providerRetryMs: 10, maxProviderFailures: 3 });
    try {
      await bed.simulator.control.setFaults({ serverError: 1 });
      const order = await bed.cardOrder();
      await eventually('a person is asked', async () => (await bed.payment(order)).attention_reason === 'PROVIDER_SILENT');
      expect(await bed.attempts(order)).toMatchObject([{ state: 'UNKNOWN' }]);
      expect(await bed.payment(order)).toMatchObject({ state: 'PENDING', needs_attention: true });

      await bed.simulator.control.setFaults({});
      await bed.sql(`update provider_calls set due_at = now() where payment_id = $1 and state = 'GIVEN_UP'`, [order.paymentId]);
      await bed.pay(order);
      await bed.until(order, 'CAPTURED');
      expect(await bed.payment(order)).toMatchObject({ needs_attention: false });
    } finally {
      await bed.close();
    }
  });
});
