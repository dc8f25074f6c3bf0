import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, PostOutcome, PostRequest } from '@tessera/ledger';
import { type NewEvent, type UnitOfWork, unitOfWork } from '@tessera/service-kit/messaging';
import { createOrm, isConnectionError, sqlState } from '@tessera/service-kit/persistence';
import { isAboutHolds } from './holds.ts';

type Settled = Awaited<ReturnType<Engine['submit']>>;
type Ledger = typeof import('@tessera/ledger');

/** Of the build that is tried. */
export type Parts = Pick<Ledger, 'post' | 'holdPlaced' | 'holdResolved' | 'transferTold' | 'expireHolds' | 'sealBatches'>;

/** Often, so that deadlines and seals meet the faults. */
const WORK_INTERVAL_MS = 250;
/** A lock or a statement that took too long, a race that was lost too often: whoever asks again finds what was decided. */
const PASSING = new Set(['40001', '40P01', '23505', '55P03', '57014']);

/**
 * What a ledger process does in transactions of its own beside the lanes: it decides about holds, as commands of payments are decided, gives back
 * what is held past its deadline, and seals batches.
 */
export function createBeside(parts: Parts, databaseUrl: string, onFault: (error: unknown) => void) {
  const orm = createOrm({ databaseUrl, entities: [], migrations: [] });
  const inUnit = <T>(key: string, work: (unit: UnitOfWork) => Promise<T>) => {
    const origin = { actor: 'service:faults', correlationId: key, causationId: null, traceparent: null, now: new Date() };
    return unitOfWork(orm.em, origin, work);
  };
  const rounds = async (name: string, work: (unit: UnitOfWork) => Promise<boolean>): Promise<never> => {
    for (;;) {
      await inUnit(name, work).catch((error: unknown) => isPassing(error) || onFault(error));
      await sleep(WORK_INTERVAL_MS * (0.5 + Math.random()));
    }
  };
  return {
    start: (): void => {
      void rounds('expire-holds', parts.expireHolds);
      void rounds('seal-batches', parts.sealBatches);
    },
    decide: async (request: PostRequest): Promise<Settled> => {
      const { result: outcome, committed } = await inUnit(request.key, async ({ em, publish }) => {
        const [decided] = (await parts.post(em, [request])) as [PostOutcome]; // one for each
        if (decided.kind !== 'KEY_REUSED' && !decided.isReplayed) for (const event of told(request, decided, parts)) publish(event);
        return decided;
      });
      return { outcome, committed };
    },
  };
}

/** Nobody knows yet, or nothing was written. */
export function isPassing(error: unknown): boolean {
  return isConnectionError(error) || PASSING.has(sqlState(error) ?? '');
}

/** Lanes tell movements by themselves. */
export function besideMovements(events: readonly NewEvent[]): readonly NewEvent[] {
  return events.filter(({ type }) => type !== 'TransferPosted');
}

/** What the others are told of a fact: of each movement, or that it was refused. */
export function told(request: PostRequest, outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>, parts: Parts): readonly NewEvent[] {
  if (!isAboutHolds(request)) return parts.transferTold(request, outcome, request.key);
  if (outcome.kind === 'REFUSED') {
    const payload = { factKey: request.key, reason: outcome.refusal.reason, orderId: null, paymentId: null };
    return [{ type: 'PostingRefused', aggregateId: request.key, payload }];
  }
  return outcome.transfers.flatMap((transfer): readonly NewEvent[] => {
    if (transfer.state === 'PENDING') return [parts.holdPlaced(transfer)];
    if (transfer.resolves !== null) return [parts.holdResolved(transfer)];
    return parts.transferTold(request, { ...outcome, transfers: [transfer] }, request.key);
  });
}
