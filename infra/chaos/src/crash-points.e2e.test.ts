import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CALL_CRASH_POINTS } from '@tessera/payments';
import { verify } from '@tessera/verify';
import { FLOWS, type Stage } from './crash/flows.ts';
import { CRASH_CASES, type CrashCase } from './crash/points.ts';
import { lookUntil } from './patience.ts';
import { quiesce } from './payments/quiesce.ts';
import { refunderOf, shopperOf } from './payments/shopper.ts';
import { startWorld, type World } from './world/world.ts';

const START_WITHIN_MS = 120_000;
const CASE_WITHIN_MS = 60_000;
const DIES_WITHIN_MS = 20_000;
const RESTS_WITHIN_MS = 20_000;
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
    expect(CRASH_CASES.map(({ point }) => point).sort()).toEqual([...CALL_CRASH_POINTS, ...webhooks].sort());
  });

  const titled = CRASH_CASES.map((one, index) => [FLOWS[one.flow].promise, one.point, one, CRASH_CASES[index + 1]] as const);
  it.each(titled)(
    '%s after a crash at %s',
    async (_promise, _point, one, next) => {
      await diesIn(one);
      const playing = FLOWS[one.flow].play(stage);
      playing.catch(() => undefined); // awaited below, unless what comes before it fails
      expect(await deathOf(world)).toBe('SIGKILL');
      await world.restart('payments', next && !next.needsOwnStart ? { CRASH_AT: next.point } : {});
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

let isArmedFor = '';

/** Payments runs with this point set: by the restart of the case before, unless this is the first or needs its own. */
async function diesIn({ point, needsOwnStart }: CrashCase): Promise<void> {
  if (needsOwnStart || isArmedFor !== point) await world.restart('payments', { CRASH_AT: point });
  const next = CRASH_CASES[CRASH_CASES.findIndex((one) => one.point === point) + 1];
  isArmedFor = next && !next.needsOwnStart ? next.point : '';
}

/** The signal that payments has ended by; null when it lives on: a point that is not passed proves nothing. */
async function deathOf({ service }: World): Promise<string | null> {
  return lookUntil(
    async () => service('payments').endedBy(),
    (signal) => signal !== null,
    DIES_WITHIN_MS,
  );
}
