import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@tessera/service-kit/ids';
import { type ReceivedEvent, unitOfWork } from '@tessera/service-kit/messaging';
import { openPayments, type PaymentsBed } from '../../test/payments-bed.ts';
import { actOfEvent } from '../services.ts';
import { onUserRegistered } from './on-user-registered.ts';

let bed: PaymentsBed;
beforeAll(async () => {
  bed = await openPayments();
});
afterAll(() => bed.close());

async function hear(userId: string, occurredAt: string): Promise<void> {
  const { platform, services } = bed.subgraph;
  const event = { actor: 'service:users', traceparent: null, occurredAt, payload: { userId } } as ReceivedEvent<'UserRegistered'>; // all that it reads
  const origin = { actor: event.actor, correlationId: randomUUID(), causationId: null, traceparent: null, now: new Date() };
  await unitOfWork(platform.orm.em, origin, (unit) => onUserRegistered(event, actOfEvent(event, unit, services)));
}

describe('a user that registered', () => {
  it('is known since the time of the event, and what was told first stays', async () => {
    const id = newId('user');
    await hear(id, '2026-01-02T03:04:05.678Z');
    await hear(id, '2026-05-05T00:00:00.000Z');
    const rows = await bed.sql('select extract(epoch from registered_at)::text as since from customers where id = $1', [id]);
    expect(rows.map(({ since }) => Number(since) * 1_000)).toEqual([Date.parse('2026-01-02T03:04:05.678Z')]);
  });
});
