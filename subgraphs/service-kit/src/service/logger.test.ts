import { describe, expect, test } from '@jest/globals';
import { createLogger, type LoggerOptions } from './index.ts';

const PRIVATE = 'hunter2';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ service: 'orders', level: 'info', destination: { write: (line) => void lines.push(line) }, ...options });
  return { log, lines, last: (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}') };
}

describe('a log line', () => {
  test('is one JSON object with level, time, service, facts and message', () => {
    const { log, last } = capture();
    log.info({ orderId: 'ord_01', amountMinor: 12n }, 'order placed');
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/Z$/),
      service: 'orders',
      orderId: 'ord_01',
      amountMinor: '12',
      msg: 'order placed',
    });
  });

  test('below the level is not written', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info({}, 'nothing');
    expect(lines).toEqual([]);
  });

  test('of a child carries its facts', () => {
    const { log, last } = capture();
    log.child({ consumer: 'orders' }).child({ stream: 'payment-events' }).warn({}, 'late');
    expect(last()).toMatchObject({ consumer: 'orders', stream: 'payment-events', level: 'warn' });
  });

  test('for people has the stack below', () => {
    const { log, lines } = capture({ pretty: true });
    log.error({ err: new Error('broken'), orderId: 'ord_01' }, 'failed');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ERROR orders failed orderId=ord_01\n {2}Error: broken\n {6}at /);
  });
});

describe('redaction', () => {
  test.each([
    { authorization: PRIVATE },
    { headers: { Authorization: PRIVATE, cookie: PRIVATE, 'set-cookie': [PRIVATE], 'tessera-identity': PRIVATE } },
    { input: { password: PRIVATE, newPassword: PRIVATE, refreshToken: PRIVATE, access_token: PRIVATE, token: PRIVATE } },
    { config: { secret: PRIVATE, secrets: { one: PRIVATE }, clientSecret: PRIVATE, ORDERS_SECRET: PRIVATE, apiKey: PRIVATE } },
    { list: [{ deeper: { cookie: PRIVATE } }] },
    { err: Object.assign(new Error('refused'), { request: { headers: { authorization: PRIVATE } } }) },
    { cause: new Error('outer', { cause: Object.assign(new Error('inner'), { password: PRIVATE }) }) },
    { map: new Map([['a', { secret: PRIVATE }]]) },
    { bytes: Buffer.from(PRIVATE) },
  ])('MUST hide what is secret: %j', (facts) => {
    const { log, lines } = capture();
    log.error(facts, 'failed');
    log.child(facts).error({}, 'failed');
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain(PRIVATE);
  });

  test('leaves idempotency keys and the error itself', () => {
    const { log, last } = capture();
    log.error({ idempotencyKey: 'key-1', 'idempotency-key': 'key-2', err: new TypeError('refused') }, 'failed');
    expect(last()).toMatchObject({ idempotencyKey: 'key-1', 'idempotency-key': 'key-2', err: { type: 'TypeError', message: 'refused' } });
  });

  test('ends at circles and does not change what it was given', () => {
    const { log, lines } = capture();
    const circle: Record<string, unknown> = { password: PRIVATE };
    circle.self = circle;
    log.info(circle, 'round');
    expect(lines[0]).toContain('[deep]');
    expect(circle.password).toBe(PRIVATE);
  });
});
