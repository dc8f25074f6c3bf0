import { DateTime, Money, Problem } from '@tessera/service-kit/graphql';
import { Field, ObjectType, registerEnumType } from 'type-graphql';

export const LimitKindEnum = { PER_TRANSFER: 'PER_TRANSFER', PER_DAY: 'PER_DAY' } as const;
registerEnumType(LimitKindEnum, {
  name: 'LimitKind',
  description: 'PER_TRANSFER: of one transfer; PER_DAY: of all of a day of UTC together.',
});

@ObjectType({
  implements: Problem,
  description: 'The sender may not send so much; a retry with the same key answers the same, also when there is room again.',
})
export class LimitExceeded extends Problem {
  readonly __typename = 'LimitExceeded';
  readonly code = 'LIMIT_EXCEEDED';
  readonly isRetryable = false;
  readonly message: string;
  override readonly path: string[];
  @Field(() => LimitKindEnum, { description: 'Which limit it is.' }) readonly kind: keyof typeof LimitKindEnum;
  @Field(() => Money, { description: 'The most that may be sent.' }) readonly limit: Money;
  @Field(() => DateTime, { nullable: true, description: 'When a new day begins; null for the limit of one transfer.' })
  readonly resetsAt: Date | null;
  constructor({ kind, limit, resetsAt }: Pick<LimitExceeded, 'kind' | 'limit' | 'resetsAt'>, path: string[]) {
    super();
    this.kind = kind;
    this.limit = limit;
    this.resetsAt = resetsAt;
    this.path = path;
    this.message =
      kind === 'PER_DAY'
        ? 'The limit of the day does not leave room for it: send less, or again with a new key after resetsAt.'
        : 'One transfer may not move so much: send less.';
  }
}
