import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventPayloads, packedPayloads } from '@tessera/schema/contract';
import { aLedger, aUser, sql, type TestLedger, type TestUser } from '../../test/a-ledger.ts';
import { move } from '../../test/submissions.ts';
import { transferTold } from '../transfer/post-transfer.ts';
import type { Leg, PostRequest } from './request.ts';

let ledger: TestLedger;
let me: TestUser;
let friend: TestUser;
beforeAll(async () => {
  ledger = await aLedger();
  [me, friend] = [await aUser(ledger, 1_000n), await aUser(ledger)];
});
afterAll(() => ledger.close());

function submit(legs: readonly Leg[], more: Partial<PostRequest> = {}) {
  const request: PostRequest = { scope: 'told', key: randomUUID(), legs, actor: `user:${me.userId}`, traceparent: '00-a-b-01', ...more };
  const origin = { actor: request.actor, correlationId: `c "${request.key}"`, causationId: 'cause', traceparent: request.traceparent };
  return ledger.subgraph.services.engine.submit({ request, origin, tell: () => [] }).then((settled) => ({ ...settled, request, origin }));
}
const eventsOf = (transferIds: readonly string[]) =>
  sql(
    ledger,
    `select id, type, aggregate_id, sequence::integer, actor, causation_id, correlation_id, traceparent, payload, stream, source
     from outbox_events where aggregate_id = any($1::text[]) order by ordinal, place`,
    [transferIds],
  );

/** The same events, as they go to the stream and come from it. */
async function toldAtOnce(transferIds: readonly string[]) {
  const rows = await sql<{ event: (string | null)[] }>(
    ledger,
    `select event from outbox o cross join lateral tell_pack(o.payload::json, o.occurred_at) where packed is not null and event ->> 1 = any($1::text[])
     order by ordinal, place`,
    [transferIds],
  );
  return rows.map(({ event }) => ({ names: event.slice(0, 6), payload: packedPayloads.TransferPosted?.(event[1] ?? '', event.slice(6)) }));
}

describe('what moved', () => {
  it('MUST be told of each movement once, as its row says it, by an event that the contract knows', async () => {
    const settled = await Promise.all([
      submit([move(me.walletId, friend.walletId, 10n)]),
      submit([move(me.walletId, 'system:fees:USD', 7n), move(me.walletId, friend.walletId, 3n)], { orderId: 'ord_1', paymentId: 'pay_1' }),
      submit([move('system:bank:USD', friend.walletId, 5n)]),
    ]);
    for (const { outcome, request, origin, committed } of settled) {
      if (outcome.kind !== 'POSTED') throw new Error(JSON.stringify(outcome));
      const told = transferTold(request, outcome, '');
      const rows = await eventsOf(outcome.transfers.map(({ id }) => id));
      expect(rows).toEqual(
        told.map(({ type, aggregateId, payload }, at) => ({
          ...{ id: committed[at]?.id, type, aggregate_id: aggregateId, sequence: 1, stream: 'ledger-events', source: 'ledger', payload },
          ...{ actor: origin.actor, causation_id: 'cause', correlation_id: origin.correlationId, traceparent: origin.traceparent },
        })),
      );
      expect(await toldAtOnce(outcome.transfers.map(({ id }) => id))).toEqual(
        rows.map(({ id, aggregate_id, actor, causation_id, correlation_id, traceparent, payload }) => ({
          names: [id, aggregate_id, actor, causation_id, correlation_id, traceparent],
          payload,
        })),
      );
      for (const { payload } of rows) expect(eventPayloads.TransferPosted.strict().parse(payload)).toEqual(payload);
    }
  });

  it('is not told again of a replay, nor of what was refused or only set aside', async () => {
    const first = await submit([move(me.walletId, friend.walletId, 1n)]);
    const again = await submit([move(me.walletId, friend.walletId, 1n)], { key: first.request.key });
    const refused = await submit([move(friend.walletId, me.walletId, 10n ** 9n)]);
    const held = await submit([
      {
        kind: 'HOLD',
        debit: me.walletId,
        credit: friend.walletId,
        amount: { currency: 'USD', minor: 1n },
        code: 'X',
        expiresAt: new Date(Date.now() + 60_000),
      },
    ]);
    expect([again, refused, held].map(({ committed }) => committed)).toEqual([[], [], []]);
    const ids = [first, held].flatMap(({ outcome }) => (outcome.kind === 'POSTED' ? outcome.transfers.map(({ id }) => id) : []));
    expect(await eventsOf(ids)).toHaveLength(1);
  });
});
