import { randomUUID } from 'node:crypto';
import { type OnFailed, runSchedules } from '../src/schedule/run-schedules.ts';
import { inUnit, sql, type TestLedger, type TestUser } from './a-ledger.ts';

const SCHEDULE = `mutation ($input: TransferScheduleInput!) {
  transferSchedule(input: $input) {
    __typename
    ... on Problem { code path }
    ... on InvalidInput { issues { path } }
    ... on RateLimited { retryAfterMs }
    ... on IdempotencyKeyReused { differingFields }
    ... on TransferScheduled {
      schedule { id state cadence timeZone dayOfMonth nextRunAt recipient runCount note amount { minor } fromWallet { id } runs { totalCount } }
    }
  }
}`;

export interface ScheduleAnswer {
  readonly __typename: string;
  readonly code?: string;
  readonly issues?: readonly { readonly path: readonly string[] }[];
  readonly schedule?: { readonly id: string; readonly nextRunAt: string; readonly recipient: string };
}

export const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Plans a transfer in dollars, for the next hour where nothing else is said. */
export async function schedule(ledger: TestLedger, from: TestUser, to: object, minor: string, more: object = {}): Promise<ScheduleAnswer> {
  const input = { fromWalletId: from.walletId, to, amount: { currency: 'USD', minor }, startsAt: inHours(1), idempotencyKey: randomUUID() };
  const { data, errors } = await ledger.ask(from.viewer, SCHEDULE, { input: { ...input, ...more } });
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as { transferSchedule: ScheduleAnswer }).transferSchedule;
}

/** As if it had been planned so many days earlier, and nothing had run since. */
export async function backdate(ledger: TestLedger, scheduleId: string | undefined, days: number): Promise<void> {
  await sql(
    ledger,
    `update transfer_schedules set starts_at = starts_at - $2 * interval '24 hours', next_run_at = next_run_at - $2 * interval '24 hours',
       ends_at = ends_at - $2 * interval '24 hours' where id = $1`,
    [scheduleId, days],
  );
}

/** Makes all runs that are due now; answers how many rounds it took. */
export async function runDue(ledger: TestLedger, onFailed: OnFailed = fail): Promise<number> {
  let rounds = 1;
  while (await inUnit(ledger, runSchedules(ledger.subgraph.services.defaultLimits, onFailed))) rounds += 1;
  return rounds;
}

function fail(scheduleId: string, cause: unknown): never {
  throw new Error(`The run of ${scheduleId} failed.`, { cause });
}

export interface SeenRun {
  readonly number: number;
  readonly refusal: string | null;
  readonly transfer: { readonly code: string } | null;
}
export interface SeenSchedule {
  readonly id: string;
  readonly state: string;
  readonly nextRunAt: string | null;
  readonly runs: { readonly edges: readonly { readonly node: SeenRun }[] };
}

/** What the viewer sees of the schedules of a wallet, newest first. */
export async function seen(ledger: TestLedger, user: TestUser, viewer = user.viewer): Promise<SeenSchedule[] | null> {
  const query = `query ($id: ID!) { wallet(id: $id) { schedules { edges { node { id state nextRunAt
    runs(first: 50) { edges { node { number refusal transfer { code amount { minor } } } } } } } } } }`;
  const { wallet } = await ledger.data<{ wallet: { schedules: { edges: readonly { node: SeenSchedule }[] } } | null }>(viewer, query, {
    id: user.walletId,
  });
  return wallet?.schedules.edges.map(({ node }) => node) ?? null;
}
