import { type EventPayload, eventPayloads } from '@tessera/schema/contract';
import { type EntityManager, type Row, rawSql } from '@tessera/service-kit/persistence';
import type { DisputeState } from '../dispute/dispute.ts';
import { disputeKey } from '../dispute/post-dispute.ts';
import type { ProviderMovement } from '../provider/provider-adapter.ts';
import type { ProviderName } from '../provider/provider-name.ts';
import type { RefundState } from '../refund/refund.ts';
import type { Interval, LedgerEntry, OwnObject } from './books.ts';
import { chargeObject, type DisputeFacts, disputeObject, refundObject } from './own-objects.ts';

/** Rows of one statement: each has a bound of three seconds. */
const CHUNK = 2_000;

/** Everything that payments knows of the payments that any book touches on the day. */
export async function readOwnBook(
  em: EntityManager,
  provider: ProviderName,
  day: Interval,
  movements: readonly ProviderMovement[],
): Promise<OwnObject[]> {
  const objects: OwnObject[] = [];
  for (const ids of chunks(await touchedPayments(em, provider, day, movements))) {
    const [charges, refunds, disputes] = [
      await readCharges(em, provider, ids),
      await readRefunds(em, provider, ids),
      await readDisputes(em, provider, ids),
    ];
    objects.push(...charges, ...refunds, ...disputes);
  }
  return objects;
}

/** The clearing account's movements of the day, and those under these keys whenever they were posted. */
export async function readLedgerBook(
  em: EntityManager,
  provider: ProviderName,
  day: Interval,
  objects: readonly OwnObject[],
): Promise<LedgerEntry[]> {
  const found = new Map<string, LedgerEntry>();
  const read = async (condition: string, parameters: readonly unknown[]) => {
    const rows = await rawSql(em, `select * from clearing_entries where provider = $1 and ${condition}`, [provider, ...parameters]);
    for (const row of rows) found.set(String(row.transfer_id), toEntry(row));
  };
  await read('posted_at >= $2::timestamptz and posted_at < $3::timestamptz', [day.from.toISOString(), day.until.toISOString()]);
  for (const keys of chunks(objects.flatMap(({ factKeys }) => factKeys))) await read('fact_key = any($2::text[])', [keys]);
  return [...found.values()];
}

function toEntry(row: Row): LedgerEntry {
  return {
    factKey: String(row.fact_key),
    code: String(row.code),
    currency: String(row.currency),
    amountMinor: big(row.amount_minor),
    paymentId: row.payment_id === null ? null : String(row.payment_id),
    postedAt: date(row.posted_at),
  };
}

async function touchedPayments(
  em: EntityManager,
  provider: ProviderName,
  { from, until }: Interval,
  movements: readonly ProviderMovement[],
): Promise<string[]> {
  const ids = new Set<string>();
  const add = async (sql: string, parameters: readonly unknown[]) => {
    for (const row of await rawSql(em, sql, parameters)) ids.add(String(row.payment_id));
  };
  for (const sources of chunks(movements.flatMap(({ sourceId }) => sourceId ?? []))) {
    await add(
      `select payment_id from payment_attempts where provider = $1 and charge_id = any($2::text[])
       union select payment_id from refunds where provider_refund_id = any($2::text[])
       union select payment_id from disputes where provider = $1 and provider_dispute_id = any($2::text[])`,
      [provider, sources],
    );
  }
  await add(
    `select payment_id from payment_events where kind = 'CAPTURED' and occurred_at >= $2::timestamptz and occurred_at < $3::timestamptz
     union select payment_id from payment_events where kind = 'STRAY_CAPTURED' and occurred_at >= $2::timestamptz and occurred_at < $3::timestamptz
     union select payment_id from refunds where provider_refund_id is not null and settled_at >= $2::timestamptz and settled_at < $3::timestamptz
     union select payment_id from refunds where returned_at >= $2::timestamptz and returned_at < $3::timestamptz
     union select payment_id from disputes where provider = $1 and opened_at >= $2::timestamptz and opened_at < $3::timestamptz
     union select payment_id from disputes where provider = $1 and closed_at >= $2::timestamptz and closed_at < $3::timestamptz
     union select payment_id from clearing_entries
       where provider = $1 and payment_id is not null and posted_at >= $2::timestamptz and posted_at < $3::timestamptz`,
    [provider, from.toISOString(), until.toISOString()],
  );
  return [...ids];
}

async function readCharges(em: EntityManager, provider: ProviderName, paymentIds: readonly string[]): Promise<OwnObject[]> {
  const rows = await rawSql(
    em,
    `select a.id, a.payment_id, a.charge_id, a.intent_id, a.fee_minor, a.fee_currency, a.created_at, p.currency, p.amount_minor, e.occurred_at
     from payment_attempts a join payments p on p.id = a.payment_id
     left join payment_events e on e.payment_id = a.payment_id and e.attempt_id = a.id and e.kind in ('CAPTURED', 'STRAY_CAPTURED')
     where a.payment_id = any($2::text[]) and a.provider = $1 and a.charge_id is not null`,
    [provider, paymentIds],
  );
  return rows.map((row) =>
    chargeObject({
      provider,
      attemptId: String(row.id),
      paymentId: String(row.payment_id),
      chargeId: String(row.charge_id),
      intentId: row.intent_id === null ? null : String(row.intent_id),
      currency: String(row.currency),
      amountMinor: big(row.amount_minor),
      feeMinor: row.fee_minor === null ? null : big(row.fee_minor),
      feeCurrency: textOrNull(row.fee_currency),
      createdAt: date(row.created_at),
      capturedAt: row.occurred_at === null ? null : date(row.occurred_at),
    }),
  );
}

async function readRefunds(em: EntityManager, provider: ProviderName, paymentIds: readonly string[]): Promise<OwnObject[]> {
  const rows = await rawSql(
    em,
    `select r.*, p.currency from refunds r join payments p on p.id = r.payment_id
     where r.payment_id = any($1::text[]) and r.provider_refund_id is not null`,
    [paymentIds],
  );
  return rows.map((row) =>
    refundObject({
      provider,
      paymentId: String(row.payment_id),
      providerRefundId: String(row.provider_refund_id),
      currency: String(row.currency),
      amountMinor: big(row.amount_minor),
      state: row.state as RefundState, // held by a check of the table
      askedAt: date(row.asked_at ?? row.created_at),
      settledAt: row.settled_at === null ? null : date(row.settled_at),
      returnedAt: row.returned_at === null ? null : date(row.returned_at),
    }),
  );
}

async function readDisputes(em: EntityManager, provider: ProviderName, paymentIds: readonly string[]): Promise<OwnObject[]> {
  const rows = await rawSql(
    em,
    `select d.*, p.currency from disputes d join payments p on p.id = d.payment_id
     where d.payment_id = any($2::text[]) and d.provider = $1`,
    [provider, paymentIds],
  );
  const fees = rows.length > 0 ? await readFeeChanges(em, paymentIds) : [];
  return rows.map((row) => {
    const about = { provider, providerDisputeId: String(row.provider_dispute_id) };
    const feeKey = disputeKey(about, 'fee');
    return disputeObject({
      ...about,
      paymentId: String(row.payment_id),
      currency: String(row.currency),
      amountMinor: big(row.amount_minor),
      feeMinor: big(row.fee_minor),
      feeCurrency: textOrNull(row.fee_currency),
      feeChanges: fees.filter(({ factKey }) => factKey === feeKey || factKey.startsWith(`${feeKey}:`)),
      state: row.state as DisputeState, // held by a check of the table
      openedAt: date(row.opened_at),
      closedAt: row.closed_at === null ? null : date(row.closed_at),
    });
  });
}

async function readFeeChanges(em: EntityManager, paymentIds: readonly string[]): Promise<DisputeFacts['feeChanges']> {
  const rows = await rawSql(
    em,
    `select fact_key, payload from ledger_commands
     where payment_id = any($1::text[]) and type = 'PostingRequested' and fact_key like '%:dispute:%:fee%' order by created_at`,
    [paymentIds],
  );
  return rows.map((row) => {
    const { legs } = eventPayloads.PostingRequested.parse(row.payload);
    return { factKey: String(row.fact_key), changeMinor: legs.reduce((sofar, leg) => sofar + feeOf(leg), 0n) };
  });
}

/** Charged when it leaves the clearing account. */
function feeOf({ credit, amount }: EventPayload<'PostingRequested'>['legs'][number]): bigint {
  return credit.startsWith('system:clearing.') ? BigInt(amount.minor) : -BigInt(amount.minor);
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, index) => all.slice(index * CHUNK, (index + 1) * CHUNK));
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}

function big(value: unknown): bigint {
  return BigInt(String(value));
}

function date(value: unknown): Date {
  return new Date(String(value));
}
