import { setTimeout as sleep } from 'node:timers/promises';
import { type Bar, median, report } from '../bars.ts';
import { type Delivered, deliver, percentile } from './deliver.ts';
import { openAttempts } from './events.ts';
import { type BenchedPlatform, startBenchedPlatform } from './platform.ts';

const PER_SECOND = 50;
const WARM_SECONDS = 5;
const BAR_MS = 50;
const WORKED_WITHIN_MS = 60_000;
const POLL_MS = 250;

/**
 * W1: a signed event through the gateway to payments, into the inbox and answered. The work that follows runs meanwhile, as it does in
 * production. True when the bar holds, all were answered 200, and the inbox has every event once and has worked on it.
 */
export async function benchPayments(isQuick: boolean): Promise<boolean> {
  const [seconds, count] = isQuick ? [5, 1] : [20, 3];
  const platform = await startBenchedPlatform();
  try {
    const attempts = await openAttempts(platform);
    const run = (duration: number) => deliver(platform.webhookUrl, attempts, PER_SECOND, duration);
    const all = [await run(WARM_SECONDS)];
    const rounds: Delivered[] = [];
    for (let round = 1; round <= count; round += 1) {
      const delivered = await run(seconds);
      rounds.push(delivered);
      console.log(`round ${round}: ${told(delivered)}`);
    }
    all.push(...rounds);
    const proof = [...all.flatMap(({ failures }) => failures), ...(await inboxViolations(platform, all))];
    for (const violation of new Set(proof)) console.log(`PROOF ${violation}`);
    const bars = [barOf(rounds, proof.length === 0)];
    const p50 = rounds.map((round) => percentile(round, 0.5));
    const facts = { isQuick, perSecond: PER_SECOND, seconds, deliveries: rounds.map(({ deliveries }) => deliveries), p50, proof };
    report('payments', { PostgreSQL: platform.postgresVersion, node: process.versions.node }, bars, facts);
    console.log(`\np50 ${median(p50).toFixed(1)} ms, p99 ${bars[0]?.value.toFixed(1)} ms, at ${PER_SECOND} events a second`);
    return bars.every(({ holds }) => holds);
  } finally {
    await platform.close();
  }
}

function barOf(rounds: readonly Delivered[], isProved: boolean): Bar {
  const p99 = rounds.map((round) => percentile(round, 0.99));
  const value = median(p99);
  return {
    id: 'W1',
    what: `p99 in ms, signed event through gateway and payments into the inbox, ${PER_SECOND} a second, one in twenty repeated`,
    ...{ value, peer: null, ratio: null, bar: `≤ ${BAR_MS} ms`, holds: isProved && value <= BAR_MS, rounds: p99 },
  };
}

function told(delivered: Delivered): string {
  const [p50, p99, max] = [percentile(delivered, 0.5), percentile(delivered, 0.99), percentile(delivered, 1)];
  return `${delivered.deliveries} deliveries, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms`;
}

/** Everything that was answered is there once, and becomes work that is done. */
async function inboxViolations({ ask }: BenchedPlatform, all: readonly Delivered[]): Promise<string[]> {
  const sent = new Set(all.flatMap(({ eventIds }) => [...eventIds]));
  // Those that the provider made of its own were found in its list.
  const kept = await ask(`select event_id from webhook_inbox where source = 'WEBHOOK'`);
  const unknown = kept.filter(({ event_id }) => !sent.has(String(event_id))).length;
  const lost = sent.size - (kept.length - unknown);
  for (const giveUpAt = Date.now() + WORKED_WITHIN_MS; ; await sleep(POLL_MS)) {
    const open = await ask(`select event_id, state from webhook_inbox where state <> 'DONE' limit 3`);
    const isOver = open.length === 0 || Date.now() > giveUpAt;
    if (!isOver) continue;
    return [
      ...(lost > 0 ? [`${lost} of ${sent.size} events were answered and are not in the inbox`] : []),
      ...(unknown > 0 ? [`${unknown} events are in the inbox that nobody sent`] : []),
      ...open.map(({ event_id, state }) => `${event_id} is ${state}`),
    ];
  }
}
