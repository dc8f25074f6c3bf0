import type { ProblemCodeName } from '@tessera/schema/contract';
import { DateTime, Money, Problem, ProblemCode } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { AdjustmentEntity } from './adjustment.entity.ts';
import { ADJUSTMENT_STATES, type AdjustmentState } from './adjustment.ts';

const AdjustmentStateEnum = Object.fromEntries(ADJUSTMENT_STATES.map((state) => [state, state])) as { readonly [K in AdjustmentState]: K }; // fromEntries forgets the keys
registerEnumType(AdjustmentStateEnum, {
  name: 'AdjustmentState',
  description:
    'PROPOSED: waits for a second person; APPROVED: money moved; REFUSED: approved, but the accounts did not allow it; REJECTED: by another person; WITHDRAWN: by whoever proposed it; EXPIRED: nobody decided.',
});

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A correction of the books that one person proposes and another approves; for ledger:read and ledger:write.' })
export class Adjustment {
  @Field(() => ID, { description: 'Opaque id, starts with adj_.' }) readonly id: string;
  @Field(() => Money, { description: 'What is to move.' }) readonly amount: Money;
  @Field(() => String, { description: 'Why, as both sides read it on the transfer.' }) readonly reason: string;
  @Field(() => AdjustmentStateEnum, { description: 'How it stands.' }) readonly state: AdjustmentState;
  @Field(() => DateTime, { description: 'When it was proposed.' }) readonly proposedAt: Date;
  @Field(() => DateTime, { description: 'Until when it may be approved.' }) readonly expiresAt: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it was decided, or expired.' }) readonly decidedAt: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was rejected or withdrawn.' }) readonly decisionNote: string | null;
  @Field(() => ProblemCode, { nullable: true, description: 'Why the accounts refused it, such as INSUFFICIENT_FUNDS.' })
  readonly refusal: ProblemCodeName | null;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly proposedById: string;
  readonly decidedById: string | null;
  readonly transferId: string | null;

  constructor(adjustment: AdjustmentEntity) {
    this.id = adjustment.id;
    this.amount = new Money(adjustment.currency, adjustment.amountMinor);
    this.reason = adjustment.reason;
    this.state = adjustment.state;
    this.proposedAt = adjustment.proposedAt;
    this.expiresAt = adjustment.expiresAt;
    this.decidedAt = adjustment.decidedAt ?? null;
    this.decisionNote = adjustment.decisionNote ?? null;
    this.refusal = adjustment.refusal ?? null;
    this.debitAccountId = adjustment.debitAccountId;
    this.creditAccountId = adjustment.creditAccountId;
    this.proposedById = adjustment.proposedBy;
    this.decidedById = adjustment.decidedBy ?? null;
    this.transferId = adjustment.transferId ?? null;
  }
}

@InputType({ description: 'Which adjustments.' })
export class AdjustmentWhere {
  @Field(() => [AdjustmentStateEnum], { nullable: true, description: 'In one of these states, at most 6.' }) state?: AdjustmentState[];
}

export const AdjustmentConnection = connectionTypes('Adjustment', () => Adjustment);

@ObjectType({ implements: Problem, description: 'There is no such adjustment.' })
export class AdjustmentNotFound extends Problem {
  readonly __typename = 'AdjustmentNotFound';
  readonly code = 'ADJUSTMENT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such adjustment.';
}

@ObjectType({ implements: Problem, description: 'Somebody decided it before; the adjustment says what.' })
export class AdjustmentAlreadyDecided extends Problem {
  readonly __typename = 'AdjustmentAlreadyDecided';
  readonly code = 'ADJUSTMENT_ALREADY_DECIDED';
  readonly isRetryable = false;
  readonly message = 'The adjustment was decided before.';
  readonly adjustmentId: string;
  constructor(adjustmentId: string) {
    super();
    this.adjustmentId = adjustmentId;
  }
}

@ObjectType({ implements: Problem, description: 'Nobody decided it in time: propose it again.' })
export class AdjustmentExpired extends Problem {
  readonly __typename = 'AdjustmentExpired';
  readonly code = 'ADJUSTMENT_EXPIRED';
  readonly isRetryable = false;
  readonly message = 'Nobody approved the adjustment in time: propose it again.';
}
