import { DateTime } from '@tessera/service-kit/graphql';
import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'One rule of the books and whether it holds.' })
export class LedgerCheck {
  @Field(() => String, { description: 'A stable name for code, such as counters-fold.' }) readonly id!: string;
  @Field(() => String, { description: 'What must hold, for people.' }) readonly title!: string;
  @Field(() => Boolean, { description: 'Whether it holds.' }) readonly isOk!: boolean;
  @Field(() => Int, { description: 'How many violations were found, at most 100.' }) readonly violations!: number;
  @Field(() => [String], { description: 'The first violations, at most 10, as text.' }) readonly samples!: readonly string[];
}

@ObjectType({ description: 'The books checked against themselves, rule by rule.' })
export class LedgerProof {
  @Field(() => DateTime, { description: 'As of when it holds.' }) readonly checkedAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'What was committed until then was proved in the background; null when everything was proved for this answer.',
  })
  readonly backgroundAt!: Date | null;
  @Field(() => Boolean, { description: 'Whether every rule of checks holds. Those of notProved may or may not.' }) readonly isOk!: boolean;
  @Field(() => [LedgerCheck], { description: 'Every rule that was proved, always in the same order.' })
  readonly checks!: readonly LedgerCheck[];
  @Field(() => [String], {
    description:
      'Ids of the rules that this answer says nothing about: there was too much to prove while somebody waits. Ask again, or run the verifier.',
  })
  readonly notProved!: readonly string[];
}
