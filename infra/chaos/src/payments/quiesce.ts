import { setTimeout as sleep } from 'node:timers/promises';
import type { SubgraphName } from '../world/environment.ts';
import type { World } from '../world/world.ts';

const POLL_MS = 250;
const MAX_MS = 600_000;
const EXAMPLES = 3;
/** Nothing may be left this often in a row: between two looks something may still be on its way. */
const QUIET_LOOKS = 3;

interface Concern {
  readonly service: SubgraphName;
  readonly what: string;
  /** Answers rows of one text column: what is still under way. */
  readonly sql: string;
}

/** An attempt that is over is looked up once more and less and less often; that is no work that anybody waits for, unless something made it due. */
const CONCERNS: readonly Concern[] = [
  { service: 'orders', what: 'orders that wait for their money', sql: `select id from orders where state = 'PENDING_PAYMENT'` },
  {
    service: 'orders',
    what: 'steps that wait for an answer',
    sql: `select name || ' of ' || order_id from saga_steps where state = 'WAITING'`,
  },
  {
    service: 'payments',
    what: 'calls to the provider',
    sql: `select c.id || ' ' || c.state || ' ' || coalesce(c.last_error, '') from provider_calls c left join payment_attempts a on a.id = c.attempt_id
          where c.state in ('DUE', 'SENT') and not (c.kind = 'READ_ATTEMPT' and c.state = 'DUE' and c.due_at > now() and (a.state = 'FAILED' or a.state = 'SUCCEEDED' and a.fee_minor is not null))`,
  },
  {
    service: 'payments',
    what: 'commands to the ledger without an answer',
    sql: 'select fact_key from ledger_commands where answered_at is null',
  },
  { service: 'payments', what: 'refunds on their way', sql: `select id from refunds where state = 'PENDING'` },
  {
    service: 'payments',
    what: 'webhooks that nobody has worked on',
    sql: `select type || ' ' || event_id || ' ' || state from webhook_inbox where state in ('RECEIVED', 'PARKED')`,
  },
  ...(['orders', 'payments', 'ledger'] as const).map((service) => ({
    ...{ service, what: `events of ${service} that nobody was told` },
    sql: `select type || ' ' || id from outbox where published_at is null`,
  })),
];

/**
 * Waits until nothing is under way any more, as long as it gets less: after so long without progress, or at the latest after MAX_MS, it hangs.
 * @returns what hangs; nothing when the world is at rest
 */
export async function quiesce(world: World, patienceMs: number, onLook: (left: number) => void = () => undefined): Promise<string[]> {
  const startedAt = Date.now();
  let least = Number.POSITIVE_INFINITY;
  let progressAt = startedAt;
  for (let quiet = 0; ; await sleep(POLL_MS)) {
    const hanging = await whatHangs(world);
    const left = hanging.reduce((sum, { count }) => sum + count, 0);
    onLook(left);
    quiet = left === 0 ? quiet + 1 : 0;
    if (quiet >= QUIET_LOOKS) return [];
    if (left < least) progressAt = Date.now();
    least = Math.min(least, left);
    const isHopeless = Date.now() - progressAt > patienceMs || Date.now() - startedAt > MAX_MS;
    if (left > 0 && isHopeless) return hanging.map(({ text }) => text);
  }
}

async function whatHangs({ databases, simulator }: World): Promise<{ readonly count: number; readonly text: string }[]> {
  const looks = CONCERNS.map(async ({ service, what, sql }) => {
    const rows = await databases.ask<Record<string, string>>(service, sql);
    const examples = rows.slice(0, EXAMPLES).flatMap((row) => Object.values(row));
    return { count: rows.length, text: `${rows.length} ${what}: ${examples.join(', ')}` };
  });
  const deliveries = simulator.pendingDeliveries().then((count) => ({ count, text: `${count} deliveries of the provider` }));
  return (await Promise.all([...looks, deliveries])).filter(({ count }) => count > 0);
}
