import { LockMode } from '@mikro-orm/core';
import { ensure, unreachable } from '@tessera/service-kit/errors';
import { type InvalidInput, refuseInvalid } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { databaseNow } from '../database-now.ts';
import { plainText } from '../plain-text.ts';
import type { LedgerUseCaseContext } from '../services.ts';
import { AdjustmentEntity } from './adjustment.entity.ts';
import { decideRejection } from './adjustment.ts';
import { AdjustmentAlreadyDecided, AdjustmentExpired, AdjustmentNotFound } from './adjustment.type.ts';
import { AdjustmentRejected, type AdjustmentRejectInput } from './adjustment-reject.type.ts';

const MAX_ID = 100;
const rules = z.object({ adjustmentId: z.string().min(1).max(MAX_ID), note: plainText });

/** Ends a proposal without moving anything; from whoever proposed it, it is withdrawn. */
export async function adjustmentReject(
  input: AdjustmentRejectInput,
  { em, viewer, request }: LedgerUseCaseContext,
): Promise<AdjustmentRejected | AdjustmentNotFound | AdjustmentAlreadyDecided | AdjustmentExpired | InvalidInput> {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const adjustment = await em.findOne(AdjustmentEntity, input.adjustmentId, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!adjustment) return new AdjustmentNotFound();
  const now = await databaseNow(em);
  const userId = ensure(viewer.userId, 'the person behind a request with scopes');
  const decision = decideRejection(adjustment, userId, now);
  switch (decision) {
    case 'EXPIRED':
      return new AdjustmentExpired();
    case 'ALREADY_DECIDED':
      return new AdjustmentAlreadyDecided(adjustment.id);
    case 'REJECT':
    case 'WITHDRAW': {
      const decided = { decidedBy: userId, decidedAt: now, decidedTrace: request.traceparent, decisionNote: input.note.trim() };
      em.assign(adjustment, { ...decided, state: decision === 'REJECT' ? 'REJECTED' : 'WITHDRAWN' });
      return new AdjustmentRejected(adjustment.id);
    }
    default:
      return unreachable(decision);
  }
}
