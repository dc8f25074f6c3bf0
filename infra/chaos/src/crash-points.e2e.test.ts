import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CALL_CRASH_POINTS } from '@tessera/payments';
import { verify } from '@tessera/verify';
import { FLOWS, type Flow, type Stage } from './crash/flows.ts';
import { CRASH_CASES } from './crash/points.ts';
import { lookUntil } from './patience.ts';
import { quiesce } from './payments/quiesce.ts';
import { refunderOf, shopperOf } from './payments/shopper.ts';
import { startWorld, type World } from './world/world.ts';

const START_WITHIN_MS = 120_000;
const CASE_WITHIN_MS = 60_000;
const DIES_WITHIN_MS = 20_000;
const RESTS_WITHIN_MS = 20_000;
/** Of a point that is passed by whatever looks up again what is over. */
const STARTS = 5;
/** A dead process's claim of a call runs out after three times the timeout. */
const PACE = { orderDeadlineMs: 120_000, providerTimeoutMs: 700 };

let world: World;
let stage: Stage;

beforeAll(async () => {
  world = await startWorld({ seed: 1, buyers: 1, pace: PACE });
  const [buyer] = world.buyers;
  if (!buyer) throw new Error('There must be a buyer.');
  stage = { world, buyer, shopper: await shopperOf(world, buyer), refunder: await refunderOf(world) };
}, START_WITHIN_MS);

afterAll(() => world?.end(), START_WITHIN_MS);

describe('payments that dies', () => {
  it('does so at every point that there is', () => {
    const webhooks = ['received', 'stored', 'worked'].map((step) => `payments.webhook.${step}`);
    expect(new Set(CRASH_CASES.map(({ point }) => point))).toEqual(new Set([...CALL_CRASH_POINTS, ...webhooks]));
  });

  const titled = CRASH_CASES.map(({ flow, point }) => [FLOWS[flow].promise, point, flow] as const);
  it.each(titled)(
    '%s after a crash at %s',
    async (_promise, point, flow) => {
      const played: Flow = FLOWS[flow];
      const prepared = (await played.prepare?.(stage)) ?? {};
      expect(await quiesce(world, RESTS_WITHIN_MS)).toEqual([]);
      await restartWith(point);
      const playing = played.play(stage, prepared);
      playing.catch(() => undefined); // awaited below, unless what comes before it fails
      expect(await deathOf(world)).toBe('SIGKILL');
      await world.restart('payments');
      const { seen, expected } = await playing;
      expect(seen).toEqual(expected);
      expect(await quiesce(world, RESTS_WITHIN_MS)).toEqual([]);
    },
    CASE_WITHIN_MS,
  );

  it('keeps every other invariant as well', async () => {
    const { checks } = await verify(world.verifyUrls);
    expect(checks.flatMap(({ id, violations }) => violations.map((text) => `${id}: ${text}`))).toEqual([]);
  });
});

/**
 * Nothing is under way but looks at attempts that are over, so these alone may pass the point before payments is ready: whoever dies at another
 * one does what nobody asked for.
 */
async function restartWith(point: string): Promise<void> {
  for (let left = point.startsWith('payments.read-attempt.') ? STARTS : 1; ; left -= 1) {
    const failure = await world.restart('payments', { CRASH_AT: point }).then(
      () => null,
      (cause: unknown) => cause,
    );
    if (failure === null) return;
    if (left === 1 || world.service('payments').endedBy() !== 'SIGKILL') throw failure;
  }
}

/** The signal that payments has ended by; null when it lives on: a point that is not passed proves nothing. */
async function deathOf({ service }: World): Promise<string | null> {
  return lookUntil(
    async () => service('payments').endedBy(),
    (signal) => signal !== null,
    DIES_WITHIN_MS,
  );
}
