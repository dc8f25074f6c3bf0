import { describe, expect, it, jest } from '@jest/globals';
import Stripe from 'stripe';
import { API_VERSION } from './client.ts';
import { verifyWebhook } from './webhook.ts';

const SECRET = 'whsec_aaaaaaaaaaaaaaaa';
const OTHER = 'whsec_bbbbbbbbbbbbbbbb';
const TOLERANCE_S = 300;

const intent = { id: 'pi_1', object: 'payment_intent', metadata: { attempt_id: 'att_1' }, client_secret: 'pi_1_secret' };
const event = {
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  created: 1_800_000_000,
  api_version: API_VERSION,
  data: { object: intent },
};
const body = Buffer.from(JSON.stringify(event, null, 2));

const nowS = () => Math.floor(Date.now() / 1_000);
const sign = (payload: Buffer, secret: string, timestamp = nowS()) =>
  Stripe.webhooks.generateTestHeaderString({ payload: payload.toString(), secret, timestamp });
const verify = (payload: Buffer, signature: string, secrets: readonly string[] = [SECRET]) =>
  verifyWebhook(secrets, TOLERANCE_S, payload, signature);

describe('a signed delivery', () => {
  it('is read', () => {
    expect(verify(body, sign(body, SECRET))).toMatchObject({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      createdAt: new Date(1_800_000_000_000),
      objectId: 'pi_1',
      subject: { kind: 'ATTEMPT', attemptId: 'att_1', sessionId: null, intentId: 'pi_1' },
    });
  });

  it('is read whichever of the secrets signed it', () => {
    expect(verify(body, sign(body, OTHER), [SECRET, OTHER]).id).toBe('evt_1');
  });

  it('is read when one of several signatures in the header is right', () => {
    const [, wrong] = sign(body, OTHER).split(',');
    const [time, right] = sign(body, SECRET).split(',');
    expect(verify(body, `${time},${wrong},${right},v0=00`).id).toBe('evt_1');
  });

  it('is read of another API version too', () => {
    const other = Buffer.from(JSON.stringify({ ...event, api_version: '2019-01-01' }));
    const read = verify(other, sign(other, SECRET));
    expect(read.subject).toMatchObject({ kind: 'ATTEMPT', intentId: 'pi_1' });
    expect(read.payload).toEqual({ id: 'evt_1', type: 'payment_intent.succeeded', created: 1_800_000_000, object: 'pi_1' });
  });

  it.each([
    ['no event', '{"object":"payment_intent"}'],
    ['no JSON', '{'],
    ['nothing that is an object', 'null'],
    ['a thin event', '{"object":"v2.core.event","id":"evt_1"}'],
    ['an event without its object', JSON.stringify({ ...event, data: {} })],
    ['an event without a time', JSON.stringify({ ...event, created: 'now' })],
    ['an id with a NUL', JSON.stringify({ ...event, id: 'evt_\0' })],
    ['a type with a NUL', JSON.stringify({ ...event, type: 'payment_intent\0.succeeded' })],
    ['an object whose id has a NUL', JSON.stringify({ ...event, data: { object: { ...intent, id: 'pi\0' } } })],
    ['an id with half a character', JSON.stringify({ ...event, id: 'evt_\ud800' })],
  ])('MUST be refused when it holds %s', (_, text) => {
    const odd = Buffer.from(text);
    expect(() => verify(odd, sign(odd, SECRET))).toThrow(expect.objectContaining({ name: 'WebhookRefused', reason: 'MALFORMED' }));
  });
});

describe('any other delivery', () => {
  const refused = (reason: string) => expect.objectContaining({ name: 'WebhookRefused', reason });

  it('MUST be refused without a signature', () => {
    for (const none of ['', '  ']) expect(() => verify(body, none)).toThrow(refused('NO_SIGNATURE'));
  });

  it.each([
    ['another secret', sign(body, OTHER)],
    ['no time', sign(body, SECRET).replace(/^t=\d+,/, '')],
    ['another time', sign(body, SECRET).replace(/^t=\d+/, `t=${nowS() - 1}`)],
    ['no v1', sign(body, SECRET).replace('v1=', 'v0=')],
    ['a shorter signature', sign(body, SECRET).slice(0, -1)],
    ['nonsense', 'nonsense'],
  ])('MUST be refused with %s', (_, signature) => {
    expect(() => verify(body, signature)).toThrow(refused('BAD_SIGNATURE'));
  });

  it('MUST be refused when a byte changed, also one that means nothing', () => {
    const changed = Buffer.from(JSON.stringify(event));
    expect(() => verify(changed, sign(body, SECRET))).toThrow(refused('BAD_SIGNATURE'));
  });

  it('MUST be refused when it is old, whoever sends it again', () => {
    expect(verify(body, sign(body, SECRET, nowS() - TOLERANCE_S + 5)).id).toBe('evt_1');
    expect(() => verify(body, sign(body, SECRET, nowS() - TOLERANCE_S - 5))).toThrow(refused('TOO_OLD'));
    expect(() => verify(body, sign(body, OTHER, nowS() - TOLERANCE_S - 5))).toThrow(refused('BAD_SIGNATURE'));
  });

  it('MUST be refused when it is dated beyond the tolerance in the future, whoever sends it', () => {
    expect(verify(body, sign(body, SECRET, nowS() + TOLERANCE_S - 5)).id).toBe('evt_1');
    for (const aheadS of [TOLERANCE_S + 5, 86_400 * 365]) {
      expect(() => verify(body, sign(body, SECRET, nowS() + aheadS))).toThrow(refused('FROM_THE_FUTURE'));
      expect(() => verify(body, sign(body, SECRET, nowS() + aheadS), [OTHER, SECRET])).toThrow(refused('FROM_THE_FUTURE'));
      expect(() => verify(body, sign(body, OTHER, nowS() + aheadS))).toThrow(refused('BAD_SIGNATURE'));
      expect(() => verify(body, `t=${nowS()},${sign(body, SECRET, nowS() + aheadS)}`)).toThrow(refused('FROM_THE_FUTURE'));
    }
  });

  it('MUST be told by the second when the tolerance ends', () => {
    jest.useFakeTimers({ now: 1_800_000_000_999 });
    try {
      for (const second of [-TOLERANCE_S, 0, TOLERANCE_S]) expect(verify(body, sign(body, SECRET, nowS() + second)).id).toBe('evt_1');
      expect(() => verify(body, sign(body, SECRET, nowS() - TOLERANCE_S - 1))).toThrow(refused('TOO_OLD'));
      expect(() => verify(body, sign(body, SECRET, nowS() + TOLERANCE_S + 1))).toThrow(refused('FROM_THE_FUTURE'));
    } finally {
      jest.useRealTimers();
    }
  });

  it('MUST be refused when there is no secret, or a blank one', () => {
    expect(() => verify(body, sign(body, SECRET), [])).toThrow(refused('BAD_SIGNATURE'));
    expect(() => verify(body, sign(body, SECRET), [' '])).toThrow(refused('BAD_SIGNATURE'));
  });
});
