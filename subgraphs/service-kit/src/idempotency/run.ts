import type { UseCase, UseCaseContext } from '../graphql/context.ts';
import { IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, RateLimited } from '../graphql/problems.ts';
import type { Viewer } from '../identity/viewer.ts';
import { type CommittedEvent, type EventOrigin, type UnitOfWork, unitOfWork } from '../messaging/unit-of-work.ts';
import type { EntityManager } from '../persistence/index.ts';
import { differingFields, type Fingerprint } from './fingerprint.ts';
import { decodeOutcome } from './outcome.ts';
import { ClaimInProgress, claimKey, type KeyScope, storeOutcome } from './store.ts';
import { inTurn } from './turns.ts';

const RETRY_AFTER_MS = 1_000;

export interface KeyedRun<Input, Outcome extends object, Services = unknown> {
  readonly services: Services;
  readonly em: EntityManager;
  readonly scope: KeyScope;
  readonly fingerprint: Fingerprint;
  readonly keep: 'days' | 'forever';
  readonly viewer: Viewer;
  readonly request: UseCaseContext['request'];
  readonly origin: EventOrigin;
  readonly useCase: UseCase<Input, Outcome, Services>;
  readonly input: Input;
}

export interface RunResult {
  readonly outcome: object;
  readonly isReplayed: boolean;
  readonly committed: readonly CommittedEvent[];
}

/** Undoes the transaction and carries the outcome that must not be stored out of it. */
class NotStored extends Error {
  readonly outcome: object;
  constructor(outcome: object) {
    super('rolled back: the outcome is not to be stored');
    this.outcome = outcome;
  }
}

/**
 * Claim, effect, outcome and events in one commit. A retry gets the stored outcome; other input under the same key is named; malformed
 * input and limits undo everything and leave the key free.
 */
export async function runOnce<Input, Outcome extends object, Services>(run: KeyedRun<Input, Outcome, Services>): Promise<RunResult> {
  try {
    const { result, committed } = await inTurn(run.em, run.scope, () => unitOfWork(run.em, run.origin, (unit) => claimAndRun(run, unit)));
    return { ...result, committed };
  } catch (error) {
    if (error instanceof NotStored) return { outcome: error.outcome, isReplayed: false, committed: [] };
    if (error instanceof ClaimInProgress) return { outcome: new IdempotencyInProgress(RETRY_AFTER_MS), isReplayed: false, committed: [] };
    throw error;
  }
}

/** One transaction without a key, for naturally repeatable acts; refused input writes nothing here either. */
export async function runRepeatable<Input, Outcome extends object, Services>(
  run: Omit<KeyedRun<Input, Outcome, Services>, 'scope' | 'fingerprint' | 'keep'>,
): Promise<{ readonly outcome: Outcome; readonly committed: readonly CommittedEvent[] }> {
  try {
    const { result, committed } = await unitOfWork(run.em, run.origin, async (unit) =>
      refuseStoring(await run.useCase(run.input, contextOf(run, unit))),
    );
    return { outcome: result, committed };
  } catch (error) {
    if (error instanceof NotStored) return { outcome: error.outcome as Outcome, committed: [] }; // it is what the use case answered
    throw error;
  }
}

async function claimAndRun<Input, Outcome extends object, Services>(
  run: KeyedRun<Input, Outcome, Services>,
  unit: UnitOfWork,
): Promise<{ outcome: object; isReplayed: boolean }> {
  const claim = await claimKey(unit.em, run.scope, run.fingerprint, run.keep);
  if (claim.kind === 'known') {
    const differing = differingFields(claim.fingerprint, run.fingerprint);
    if (differing.length > 0) return { outcome: new IdempotencyKeyReused(differing), isReplayed: false };
    return { outcome: decodeOutcome(claim.outcome), isReplayed: true };
  }
  const outcome = refuseStoring(await run.useCase(run.input, contextOf(run, unit)));
  await storeOutcome(unit.em, run.scope, outcome);
  return { outcome, isReplayed: false };
}

function refuseStoring<Outcome extends object>(outcome: Outcome): Outcome {
  if (outcome instanceof InvalidInput || outcome instanceof RateLimited) throw new NotStored(outcome);
  return outcome;
}

function contextOf<Services>(
  {
    viewer,
    request,
    services,
    scope,
  }: { readonly viewer: Viewer; readonly request: UseCaseContext['request']; readonly services: Services; readonly scope?: KeyScope },
  unit: UnitOfWork,
): UseCaseContext<Services> {
  return { ...unit, viewer, request, services, ...(scope ? { idempotencyKey: scope.key } : {}) };
}
