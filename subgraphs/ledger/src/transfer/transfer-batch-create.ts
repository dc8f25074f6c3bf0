import { ensure, InvariantViolation, unreachable } from '@tessera/service-kit/errors';
import { type KeyedAnswer, type KeyedCall, RateLimited } from '@tessera/service-kit/graphql';
import { runOnce } from '@tessera/service-kit/idempotency';
import type { PostOutcome, PostRequest, Submission } from '../engine/index.ts';
import { countedOnce } from '../recipient/recipient-misses.ts';
import type { LedgerServices } from '../services.ts';
import { refusalTold } from './post-transfer.ts';
import { answerOf, notStored, problemOf, unlessBusy } from './transfer-answer.ts';
import { type BatchItem, batchItems, refuseBatch } from './transfer-batch.ts';
import { TransferBatchCreated, type TransferBatchCreateInput, TransferBatchRefused } from './transfer-batch-create.type.ts';
import { type ItemPlan, planItems } from './transfer-batch-plan.ts';
import { legOf } from './transfer-item.ts';

type Call = KeyedCall<LedgerServices>;

/**
 * Up to 1,000 transfers at once. The batch claims its key first, with what was asked; then every item goes to the engine under a key of its own,
 * so a retry after whatever happened in between finds what was decided and decides the rest. An atomic batch is one fact with linked legs.
 */
export async function transferBatchCreate(input: TransferBatchCreateInput, call: Call): Promise<KeyedAnswer> {
  const invalid = refuseBatch(input);
  if (invalid) return notStored(invalid);
  return unlessBusy(submitted(input, call));
}

async function submitted(input: TransferBatchCreateInput, call: Call): Promise<KeyedAnswer> {
  call.services.engine.admit(input.items.length); // who is sent away leaves no claim behind
  const claim = await claimed(call);
  if (!isClaimed(claim.outcome)) return notStored(claim.outcome);
  call.services.crashPoint('ledger.batch.claimed');
  const items = batchItems(input, call);
  const { plans, countedMisses } = await planItems(items, call, input.atomic ? atomicKey(call) : null);
  const submit = () => (input.atomic ? submitLinked(items, plans, call) : submitEach(items, plans, call));
  return countedOnce(call.services.em.fork(), ensure(call.viewer.userId, 'the sender'), countedMisses, submit);
}

/** What is remembered under the key of a batch: that its content is known. What came of its items is remembered under theirs. */
class BatchClaimed {
  readonly __typename = 'BatchClaimed';
}

/** Stored outcomes come back without their class. */
function isClaimed(outcome: object): boolean {
  return '__typename' in outcome && outcome.__typename === 'BatchClaimed';
}

function claimed({ services, viewer, request, origin, key, fingerprint }: Call) {
  return runOnce({
    ...{ services, em: services.em, viewer, request, origin, fingerprint, input: null },
    scope: { principal: viewer.principal, mutation: 'transferBatchCreate', key },
    keep: 'forever',
    useCase: async () => new BatchClaimed(),
  });
}

async function submitEach(items: readonly BatchItem[], plans: readonly ItemPlan[], call: Call): Promise<KeyedAnswer> {
  const asked = items.flatMap((item, at) => {
    const plan = ensure(plans[at], 'the plan of an item');
    return plan.kind === 'LIMITED' ? [] : [submissionOf({ ...requestOf(call), ...item.fact, ...decidedBy(plan, item) }, [item], call)];
  });
  const settled = (await call.services.engine.submitAll(asked)).map(fulfilled).values();
  const committed: KeyedAnswer['committed'][number][] = [];
  let created = 0;
  let isReplayed = asked.length > 0;
  const results = items.map((item, at) => {
    const plan = ensure(plans[at], 'the plan of an item');
    if (plan.kind === 'LIMITED') return new RateLimited(plan.waitMs);
    const { outcome, committed: told } = ensure(settled.next().value, 'what was settled of an item');
    const answer = answerOf(named(outcome, item), item.at);
    committed.push(...told);
    if (outcome.kind === 'POSTED') created += 1;
    isReplayed &&= answer.isReplayed;
    return answer.outcome;
  });
  return { outcome: new TransferBatchCreated(created, results), isReplayed, committed };
}

async function submitLinked(items: readonly BatchItem[], plans: readonly ItemPlan[], call: Call): Promise<KeyedAnswer> {
  const bad = plans.findIndex(({ kind }) => kind !== 'MOVE');
  const plan = plans[bad];
  if (plan?.kind === 'LIMITED') return notStored(new RateLimited(plan.waitMs));
  const common = { ...requestOf(call), ...atomicKey(call) };
  const legs = plans.flatMap((each, at) => (each.kind === 'MOVE' ? [legOf(ensure(items[at], 'an item'), each.to)] : []));
  const request: PostRequest =
    plan?.kind === 'REFUSED'
      ? { ...common, legs: [], refusedFor: plan.refusedFor, refusedSide: plan.side, refusedLeg: bad }
      : { ...common, legs };
  const { outcome, committed } = await call.services.engine.submit(submissionOf(request, items, call));
  switch (outcome.kind) {
    case 'KEY_REUSED':
      throw new InvariantViolation('The key of a batch was claimed for it.');
    case 'REFUSED': {
      const { leg } = outcome.refusal;
      const reason = problemOf(outcome.refusal, ensure(items[leg], 'the item at fault').at);
      return { outcome: new TransferBatchRefused(leg, reason), isReplayed: outcome.isReplayed, committed };
    }
    case 'POSTED': {
      const results = outcome.transfers.map((transfer) => answerOf({ ...outcome, transfers: [transfer] }, AT_NOTHING).outcome);
      return { outcome: new TransferBatchCreated(results.length, results), isReplayed: outcome.isReplayed, committed };
    }
    default:
      return unreachable(outcome);
  }
}

/** Nothing of it is told of a transfer that was made. */
const AT_NOTHING = { path: [], currency: '' };

/** An atomic batch is one fact, under the key of the batch; what belongs to it, the claim knows. */
function atomicKey({ viewer, key }: Call): Pick<PostRequest, 'scope' | 'key' | 'fingerprint'> {
  return { scope: `${viewer.principal}/transferBatchCreate`, key, fingerprint: {} };
}

function requestOf({ viewer, request }: Call): Pick<PostRequest, 'actor' | 'traceparent'> {
  return { actor: viewer.principal, traceparent: request.traceparent };
}

function decidedBy(
  plan: Exclude<ItemPlan, { kind: 'LIMITED' }>,
  item: BatchItem,
): Pick<PostRequest, 'legs' | 'refusedFor' | 'refusedSide'> {
  if (plan.kind === 'REFUSED') return { legs: [], refusedFor: plan.refusedFor, refusedSide: plan.side };
  return { legs: [legOf(item, plan.to)] };
}

/** @param items one for each leg: a refusal is told of the wallet that should have paid */
function submissionOf(request: PostRequest, items: readonly BatchItem[], { origin }: Call): Submission {
  const payer = (at: number): string => ensure(items[at], 'the item of a leg').fromWalletId;
  return {
    request,
    origin,
    tell: (decided) => refusalTold(request, decided, payer(decided.kind === 'REFUSED' ? decided.refusal.leg : 0)),
  };
}

/** A fault of one is a fault of the whole: what was decided is kept under its keys, and the same batch may be sent again. */
function fulfilled<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** Fields of a reused key as the caller of the batch knows them. */
function named(outcome: PostOutcome, { at }: BatchItem): PostOutcome {
  if (outcome.kind !== 'KEY_REUSED') return outcome;
  return { ...outcome, differingFields: outcome.differingFields.map((field) => [...at.path, field].join('.')) };
}
