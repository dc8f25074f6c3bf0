import { AsyncLocalStorage } from 'node:async_hooks';
import { drawFor } from '../random.ts';
import type { World } from '../world/world.ts';
import { blank, type Played } from './history.ts';
import { planOf } from './plan.ts';
import { begin, goOn } from './play.ts';
import { refunderOf, shopperOf } from './shopper.ts';

/** Of all answers of the gateway, these get lost on their way to the client. */
const LOST_ANSWERS = 0.1;
/** How many orders of one customer may be under way. */
const UNDER_WAY = 2;

export interface Generator {
  readonly seed: number;
  readonly checkouts: number;
  /** Told whenever a checkout has been played to its end. */
  readonly onPlayed: (played: Played, done: number) => void;
  readonly isLossy: boolean;
}

export interface GeneratedLoad {
  readonly played: readonly Played[];
  readonly lostAnswers: number;
}

/** Every customer has a lane: the carts one after the other, what follows beside each other within a bound. */
export async function generate(world: World, { seed, checkouts, onPlayed, isLossy }: Generator): Promise<GeneratedLoad> {
  const way = lossyFetch(seed, isLossy ? LOST_ANSWERS : 0);
  const refunder = await refunderOf(world, way.fetch);
  const played: Played[] = [];
  let done = 0;
  let next = 0;
  const lane = async (index: number): Promise<void> => {
    const buyer = world.buyers[index];
    if (!buyer) return;
    const stage = { world, refunder, shopper: await shopperOf(world, buyer, way.fetch) };
    const tails = new Set<Promise<void>>();
    for (let number = next++; number < checkouts; number = next++) {
      const one = blank(planOf(seed, number), buyer.id);
      played.push(one);
      const guarded = (work: () => Promise<void>) => way.during(number, work).catch((error: unknown) => fail(one, error));
      await guarded(() => begin(stage, one));
      const tail = (one.orderId === null ? Promise.resolve() : guarded(() => goOn(stage, one))).finally(() => {
        tails.delete(tail);
        done += 1;
        onPlayed(one, done);
      });
      tails.add(tail);
      if (tails.size >= UNDER_WAY) await Promise.race(tails);
    }
    await Promise.all(tails);
  };
  await Promise.all(world.buyers.map((_, index) => lane(index)));
  played.sort((left, right) => left.plan.number - right.plan.number);
  return { played, lostAnswers: way.lost() };
}

function fail(played: Played, error: unknown): void {
  played.failure = error instanceof Error ? error.message : String(error);
}

interface LossyWay {
  readonly fetch: typeof globalThis.fetch;
  /** Requests in this work belong to this checkout: which answers get lost follows from its number. */
  during<T>(checkout: number, work: () => Promise<T>): Promise<T>;
  lost(): number;
}

/** The request is carried out in full, and its answer never comes. */
function lossyFetch(seed: number, probability: number): LossyWay {
  const current = new AsyncLocalStorage<{ readonly checkout: number; requests: number }>();
  let lost = 0;
  return {
    lost: () => lost,
    during: (checkout, work) => current.run({ checkout, requests: 0 }, work),
    fetch: async (...request) => {
      const answer = await fetch(...request);
      const under = current.getStore();
      if (!under) return answer;
      under.requests += 1;
      if (drawFor(seed, `checkout ${under.checkout}`)(`answer ${under.requests}`) >= probability) return answer;
      await answer.arrayBuffer();
      lost += 1;
      throw new TypeError('fetch failed: the answer was lost on purpose');
    },
  };
}
