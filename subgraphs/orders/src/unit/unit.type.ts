import { DateTime, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Directive, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { VariantNotFound } from '../stock/stock.type.ts';
import type { UnitState } from './unit.entity.ts';

const UnitStateEnum = { DELIVERED: 'DELIVERED', REVEALED: 'REVEALED', REVOKED: 'REVOKED' } as const satisfies Partial<
  Record<UnitState, UnitState>
>;
registerEnumType(UnitStateEnum, { name: 'UnitState', description: 'What has become of a digital unit since it was bought.' });

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A digital unit that a buyer owns: a secret such as a licence key, sold once.' })
export class Unit {
  @Field(() => ID, { description: 'Opaque and stable.' }) id!: string;
  @Field(() => String, { description: 'What it is.' }) description!: string;
  @Field(() => UnitStateEnum, { description: 'Whether its secret has been looked at, or taken back.' }) state!: UnitState;
  @Field(() => DateTime, { description: 'When it became the property of its owner.' }) grantedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When its secret was first revealed.' }) revealedAt!: Date | null;
}

@InputType({ description: 'Secrets to sell, one per unit.' })
export class UnitsDepositInput {
  @Field(() => ID, { description: 'One of your own variants, of a product with digital units.' }) variantId!: string;
  @Field(() => [String], { description: 'The secrets, 1 to 1,000 of at most 4,096 characters, each new; they are encrypted at once.' })
  secrets!: string[];
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@InputType({ description: 'The unit whose secret to show.' })
export class UnitRevealInput {
  @Field(() => ID, { description: 'The unit, one of your own.' }) unitId!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

/** Outcomes hold ids and facts only: they are stored under the idempotency key and resolved again for each caller. */
@ObjectType({ description: 'The secrets are in the vault and on sale.' })
export class UnitsDeposited {
  readonly __typename = 'UnitsDeposited';
  readonly variantId: string;
  @Field(() => Int, { description: 'How many were deposited.' }) readonly count: number;
  constructor(variantId: string, count: number) {
    this.variantId = variantId;
    this.count = count;
  }
}

@ObjectType({ description: 'The unit is yours to read; each reveal is on record.' })
export class UnitRevealed {
  readonly __typename = 'UnitRevealed';
  constructor(readonly unitId: string) {}
}

@ObjectType({ implements: Problem, description: 'There is no such unit, it is not yours, or it was taken back: all answer alike.' })
export class UnitNotFound extends Problem {
  readonly __typename = 'UnitNotFound';
  readonly code = 'UNIT_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such unit.';
  override readonly path: string[] = ['input', 'unitId'];
}

@ObjectType({ implements: Problem, description: 'The variant is a physical thing: only digital units can be deposited.' })
export class NotDigital extends Problem {
  readonly __typename = 'NotDigital';
  readonly code = 'NOT_DIGITAL';
  readonly isRetryable = false;
  readonly message = 'The variant is a physical thing: adjust its stock instead.';
  override readonly path: string[] = ['input', 'variantId'];
}

export const UnitsDepositResult = mutationResult('UnitsDepositResult', UnitsDeposited, VariantNotFound, NotDigital);
export const UnitRevealResult = mutationResult('UnitRevealResult', UnitRevealed, UnitNotFound);
