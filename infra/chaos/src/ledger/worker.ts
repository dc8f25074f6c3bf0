import type { Engine, PostRequest } from '@tessera/ledger';
import { besideMovements, createBeside, isPassing, told } from './beside.ts';
import { isAboutHolds } from './holds.ts';
import type { Answer, News, Order } from './messages.ts';

/** One ledger process: an engine and what runs beside it, told what to post over the channel of its parent. `BUILD` is the build that is tried. */

const { BUILD = '', DATABASE_URL = '', DECIDES_HOLDS = '' } = process.env;
type Ledger = typeof import('@tessera/ledger');
type Settled = Awaited<ReturnType<Engine['submit']>>;
const part = async <Name extends keyof Ledger>(file: string): Promise<Pick<Ledger, Name>> => await import(new URL(file, BUILD).href);
const { createEngine, LedgerBusy, LedgerUnsure, post } = await part<'createEngine' | 'LedgerBusy' | 'LedgerUnsure' | 'post'>(
  'engine/index.js',
);
const { transferTold } = await part<'transferTold'>('transfer/post-transfer.js');
const { holdPlaced, holdResolved } = await part<'holdPlaced' | 'holdResolved'>('hold/hold-events.js');
const { expireHolds } = await part<'expireHolds'>('hold/expire-holds.js');
const { sealBatches } = await part<'sealBatches'>('proof/seal-batches.js');

/** Small, so that many transactions of different processes cross each other. */
const BATCH_SIZE = 10;
const DEADLOCK = '40P01';
const onFailure = (error: unknown): void => {
  const { code } = error as { readonly code?: unknown }; // whatever was thrown
  if (code === DEADLOCK) complain('transactions waited for each other in a circle');
};
/** Some transfers are above it, and what the others use of their day is counted. */
const defaultLimits = { USD: { perTransferMinor: 55n, perDayMinor: 1_000_000_000n } };
const engine: Engine = createEngine({ databaseUrl: DATABASE_URL, lanes: 2, batchSize: BATCH_SIZE, defaultLimits, events: { onFailure } });
const parts = { post, holdPlaced, holdResolved, transferTold, expireHolds, sealBatches };
const beside = createBeside(parts, DATABASE_URL, (error) => complain(messageOf(error)));

process.on('message', ({ id, request }: Order) => {
  decide(request).then(
    (settled) => tell(answerOf(id, settled)),
    (error: unknown) => tell(failureOf(id, error, DECIDES_HOLDS === 'BESIDE' && isAboutHolds(request) && isPassing(error))),
  );
});
process.on('disconnect', () => process.exit(0));
beside.start();
tell({ kind: 'READY' });

function tell(news: News): void {
  process.send?.(news);
}

function complain(message: string): void {
  tell({ kind: 'COMPLAINT', message });
}

/** Holds by both ways in: some processes as commands of payments are decided, the others by their lanes. */
function decide(request: PostRequest): Promise<Settled> {
  if (DECIDES_HOLDS === 'BESIDE' && isAboutHolds(request)) return beside.decide(request);
  const origin = { actor: request.actor, correlationId: request.key, causationId: null, traceparent: null };
  return engine.submit({ request, origin, tell: (outcome) => besideMovements(told(request, outcome, parts)) });
}

function answerOf(id: number, { outcome, committed: events }: Settled): Answer {
  const committed = events.map((event) => event.id);
  switch (outcome.kind) {
    case 'POSTED':
      return {
        id,
        kind: 'POSTED',
        isReplayed: outcome.isReplayed,
        committed,
        transferIds: outcome.transfers.map((transfer) => transfer.id),
      };
    case 'REFUSED':
      return {
        ...{ id, kind: 'REFUSED', isReplayed: outcome.isReplayed, committed, reason: outcome.refusal.reason },
        availableMinor: outcome.refusal.availableMinor?.toString() ?? null,
      };
    case 'KEY_REUSED':
      return { id, kind: 'KEY_REUSED', fields: outcome.differingFields };
  }
}

/** The engine tries again by itself; who decides in a transaction of their own leave that to whoever asks. */
function failureOf(id: number, error: unknown, isOpenStill: boolean): Answer {
  const isOpen = isOpenStill || error instanceof LedgerBusy || error instanceof LedgerUnsure;
  return { id, kind: isOpen ? 'RETRY' : 'FAILED', message: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
