import { DateTime, EmailAddress, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { User } from '../account/user.type.ts';

@InputType({ description: 'The code that came by mail.' })
export class EmailVerifyInput {
  @Field(() => EmailAddress, { description: 'The address that the code was mailed to.' }) email!: string;
  @Field(() => String, { description: 'The six digits.' }) code!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'The address is proved: open a session next.' })
export class EmailVerified {
  readonly __typename = 'EmailVerified';
  /** Resolved by the field `user`. */
  readonly userId: string;
  @Field(() => User, { nullable: true, description: 'Whose address it is.' }) readonly user!: User | null;
  constructor(userId: string) {
    this.userId = userId;
  }
}

@ObjectType({
  implements: Problem,
  description: 'The code is wrong, used, too old or was tried too often, or the address needs none: ask for a new code.',
})
export class CodeInvalid extends Problem {
  readonly __typename = 'CodeInvalid';
  readonly code = 'CODE_INVALID';
  readonly isRetryable = false;
  readonly message = 'This code does not work (any more): check it, or ask for a new one.';
  override readonly path = ['input', 'code'];
}

export const EmailVerifyResult = mutationResult('EmailVerifyResult', EmailVerified, CodeInvalid);

@InputType({ description: 'Where a new code should go.' })
export class EmailVerificationResendInput {
  @Field(() => EmailAddress, { description: 'The address that was registered.' }) email!: string;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'If the address waits for its proof, a mail is on its way; an unknown or proved one answers alike.' })
export class VerificationMailAccepted {
  readonly __typename = 'VerificationMailAccepted';
  @Field(() => DateTime, { description: 'Until when the code in the mail works.' }) readonly codeExpiresAt: Date;
  constructor(codeExpiresAt: Date) {
    this.codeExpiresAt = codeExpiresAt;
  }
}

export const EmailVerificationResendResult = mutationResult('EmailVerificationResendResult', VerificationMailAccepted);
