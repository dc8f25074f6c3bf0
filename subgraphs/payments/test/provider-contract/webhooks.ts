import { describe, expect, it } from '@jest/globals';
import type { WebhookRefusal } from '../../src/provider/provider-error.ts';
import { aPaidAttempt, type Bench, type Delivery } from './bench.ts';

export function describeWebhooks(bench: Bench): void {
  const aDelivery = async () => {
    const { request } = await aPaidAttempt(bench());
    return { request, delivery: await bench().post.delivered(request.attemptId) };
  };
  const verify = ({ body, signature }: Delivery) => bench().adapter.verifyWebhook(body, signature);
  const expectRefused = (delivery: Delivery, reason: WebhookRefusal) =>
    expect(() => verify(delivery)).toThrow(expect.objectContaining({ name: 'WebhookRefused', reason }));

  describe('a webhook', () => {
    it('is verified, and tells what is to be read again', async () => {
      const { request, delivery } = await aDelivery();
      const event = verify(delivery);
      expect(event.subject).toMatchObject({ kind: 'ATTEMPT', attemptId: request.attemptId });
      const listed = await bench().adapter.eventsSince(event.createdAt);
      const { payload: _, ...facts } = event;
      expect(listed).toContainEqual(expect.objectContaining(facts));
    });

    it('MUST be refused when a byte of it was changed', async () => {
      const { delivery } = await aDelivery();
      const body = Buffer.from(delivery.body.toString('utf8').replace('"', ' "'));
      expectRefused({ ...delivery, body }, 'BAD_SIGNATURE');
    });

    it('MUST be refused when it is not signed, or by somebody else', async () => {
      const { delivery } = await aDelivery();
      expectRefused({ ...delivery, signature: '' }, 'NO_SIGNATURE');
      expectRefused(bench().post.forged(delivery), 'BAD_SIGNATURE');
    });

    it('MUST be refused when it is old', async () => {
      const { delivery } = await aDelivery();
      expectRefused(bench().post.old(delivery), 'TOO_OLD');
    });

    it('is verified before and after its secret is replaced', async () => {
      const before = await aDelivery();
      await bench().post.rotate();
      const after = await aDelivery();
      for (const { request, delivery } of [before, after]) {
        expect(verify(delivery).subject).toMatchObject({ attemptId: request.attemptId });
      }
    });
  });
}
