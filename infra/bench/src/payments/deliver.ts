import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventAbout, type OpenAttempt, signatureOf } from './events.ts';

/** Of all deliveries, these repeat one that was made before. */
const REPEATED_EVERY = 20;

export interface Delivered {
  readonly eventIds: ReadonlySet<string>;
  readonly deliveries: number;
  readonly failures: readonly string[];
  /** Milliseconds from the moment at which each was due, sorted: what had to wait for others counts. */
  readonly latencies: Float64Array;
}

/** So many a second, whether or not the earlier ones were answered: a provider does not wait. */
export async function deliver(url: string, attempts: readonly OpenAttempt[], perSecond: number, seconds: number): Promise<Delivered> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const eventIds = new Set<string>();
  const failures: string[] = [];
  const latencies: number[] = [];
  const count = perSecond * seconds;
  const startedAt = performance.now();
  const all: Promise<void>[] = [];
  let last = '';
  for (let number = 0; number < count; number += 1) {
    const dueAt = startedAt + (number * 1_000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    const attempt = attempts[number % attempts.length];
    if (!attempt) throw new Error('There are no attempts.');
    const isRepeated = number % REPEATED_EVERY === REPEATED_EVERY - 1;
    const { id, body } = isRepeated ? { id: '', body: last } : eventAbout(attempt, number);
    if (!isRepeated) eventIds.add(id);
    last = body;
    all.push(
      post(url, agent, body).then((failure) => {
        latencies.push(performance.now() - dueAt);
        if (failure) failures.push(failure);
      }),
    );
  }
  await Promise.all(all);
  agent.destroy();
  return { eventIds, deliveries: count, failures, latencies: Float64Array.from(latencies).sort() };
}

/** @returns what went wrong, or null */
function post(url: string, agent: Agent, body: string): Promise<string | null> {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'stripe-signature': signatureOf(body),
  };
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode === 200 ? null : `answered ${answer.statusCode}`));
    });
    sent.once('error', (error) => resolve(error.message));
    sent.end(body);
  });
}

export function percentile({ latencies }: Delivered, share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
}
