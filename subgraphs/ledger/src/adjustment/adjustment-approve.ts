import { LockMode } from '@mikro-orm/core';
import { ensure, unreachable } from '@tessera/service-kit/errors';
import { type InvalidInput, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { databaseNow } from '../database-now.ts';
import type { PostRequest } from '../engine/index.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { postTransfer } from '../transfer/post-transfer.ts';
import { problemOf } from '../transfer/transfer-create.ts';
import { AdjustmentEntity } from './adjustment.entity.ts';
import { decideApproval } from './adjustment.ts';
import { AdjustmentAlreadyDecided, AdjustmentExpired, AdjustmentNotFound } from './adjustment.type.ts';
import { AdjustmentApproved, type AdjustmentApproveInput, AdjustmentRefused, SameApprover } from './adjustment-approve.type.ts';

const MAX_ID = 100;
const rules = z.object({ adjustmentId: z.string().min(1).max(MAX_ID) });

type Refused = InvalidInput | AdjustmentNotFound | AdjustmentAlreadyDecided | AdjustmentExpired | SameApprover | AdjustmentRefused;

/**
 * Carries out what another person proposed. Decision and transfer are one commit, and the key of the transfer is the adjustment: whoever
 * approves or rejects at the same time waits for the row and finds it decided.
 */
export async function adjustmentApprove(
  input: AdjustmentApproveInput,
  context: LedgerUseCaseContext,
): Promise<AdjustmentApproved | Refused> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const { em, viewer } = context;
  const adjustment = await em.findOne(AdjustmentEntity, input.adjustmentId, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!adjustment) return new AdjustmentNotFound();
  const now = await databaseNow(em);
  const userId = ensure(viewer.userId, 'the person behind a request with scopes');
  const decision = decideApproval(adjustment, userId, now);
  switch (decision) {
    case 'EXPIRED':
      return new AdjustmentExpired();
    case 'ALREADY_DECIDED':
      return new AdjustmentAlreadyDecided(adjustment.id);
    case 'SAME_PERSON':
      return new SameApprover();
    case 'APPROVE':
      return approve(adjustment, { decidedBy: userId, decidedAt: now, decidedTrace: context.request.traceparent }, context);
    default:
      return unreachable(decision);
  }
}

interface Decided {
  readonly decidedBy: string;
  readonly decidedAt: Date;
  readonly decidedTrace: string | null;
}

async function approve(
  adjustment: AdjustmentEntity,
  decided: Decided,
  context: LedgerUseCaseContext,
): Promise<AdjustmentApproved | Refused> {
  const { id, currency } = adjustment;
  const outcome = await postTransfer(requestOf(adjustment, context), id, context);
  if (outcome.kind === 'POSTED') {
    context.em.assign(adjustment, { ...decided, state: 'APPROVED', transferId: outcome.transferId });
    return new AdjustmentApproved(id);
  }
  const refusal = problemOf(outcome.refusal, currency).code;
  context.em.assign(adjustment, { ...decided, state: 'REFUSED', refusal });
  return new AdjustmentRefused(id, refusal);
}

function requestOf(
  { id, debitAccountId, creditAccountId, currency, amountMinor, reason }: AdjustmentEntity,
  { viewer, request }: LedgerUseCaseContext,
): PostRequest {
  const amount = { currency, minor: amountMinor };
  return {
    scope: 'service:ledger/adjustment',
    key: id,
    legs: [{ kind: 'MOVE', debit: debitAccountId, credit: creditAccountId, amount, code: 'ADJUSTMENT', note: reason }],
    actor: viewer.principal,
    traceparent: request.traceparent,
  };
}
