import type { Engine, PostOutcome, PostRequest } from '@tessera/ledger';

/** One ledger process: an engine, told what to post over the channel of its parent. `ENGINE` and `TOLD` name the build that is tried. */

export interface Order {
  readonly id: number;
  readonly request: PostRequest;
}

export type Answer =
  | { readonly id: number; readonly kind: 'POSTED'; readonly transferIds: readonly string[] }
  | { readonly id: number; readonly kind: 'REFUSED'; readonly reason: string; readonly availableMinor: string | null }
  | { readonly id: number; readonly kind: 'KEY_REUSED'; readonly fields: readonly string[] }
  /** Nobody knows yet, or nothing was written: the same key may be sent again. */
  | { readonly id: number; readonly kind: 'RETRY'; readonly message: string }
  | { readonly id: number; readonly kind: 'FAILED'; readonly message: string };

const { ENGINE = '', TOLD = '', DATABASE_URL = '' } = process.env;
const { createEngine, LedgerBusy, LedgerUnsure } = (await import(ENGINE)) as Pick<
  typeof import('@tessera/ledger'),
  'createEngine' | 'LedgerBusy' | 'LedgerUnsure'
>;
const { refusalTold } = (await import(TOLD)) as Pick<typeof import('@tessera/ledger'), 'refusalTold'>;
/** Small, so that many transactions of different processes cross each other. */
const BATCH_SIZE = 10;
const DEADLOCK = '40P01';
const onFailure = (error: unknown): void => {
  const { code } = error as { readonly code?: unknown }; // whatever was thrown
  if (code === DEADLOCK) process.send?.({ kind: 'DEADLOCK' });
};
const engine: Engine = createEngine({ databaseUrl: DATABASE_URL, lanes: 2, batchSize: BATCH_SIZE, events: { onFailure } });

process.on('message', ({ id, request }: Order) => {
  const origin = { actor: request.actor, correlationId: request.key, causationId: null, traceparent: null };
  const tell = (outcome: Exclude<PostOutcome, { kind: 'KEY_REUSED' }>) => refusalTold(request, outcome, request.key);
  engine.submit({ request, origin, tell }).then(
    ({ outcome }) => process.send?.(answerOf(id, outcome)),
    (error: unknown) => process.send?.(failureOf(id, error)),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'READY' });

function answerOf(id: number, outcome: PostOutcome): Answer {
  switch (outcome.kind) {
    case 'POSTED':
      return { id, kind: 'POSTED', transferIds: outcome.transfers.map((transfer) => transfer.id) };
    case 'REFUSED':
      return { id, kind: 'REFUSED', reason: outcome.refusal.reason, availableMinor: outcome.refusal.availableMinor?.toString() ?? null };
    case 'KEY_REUSED':
      return { id, kind: 'KEY_REUSED', fields: outcome.differingFields };
  }
}

function failureOf(id: number, error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  return { id, kind: error instanceof LedgerBusy || error instanceof LedgerUnsure ? 'RETRY' : 'FAILED', message };
}
