import { DateTime, EmailAddress, mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { PASSWORD_WEAKNESSES, type PasswordWeakness } from '../password/password.ts';

@InputType({ description: 'Who wants an account.' })
export class UserRegisterInput {
  @Field(() => EmailAddress, { description: 'The address that gets the code; at most 254 characters.' }) email!: string;
  @Field(() => String, { description: 'At least 15 characters; not a common one, and not containing handle or address.' })
  password!: string;
  @Field(() => String, { description: 'The name to show, 1 to 80 characters.' }) displayName!: string;
  @Field(() => String, {
    nullable: true,
    description: 'A unique short name: 3 to 30 lower-case letters, digits and underscores; made from the name when not given.',
  })
  handle?: string | null;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'A mail is on its way. The same answer for an address that has an account: its owner is told by mail.' })
export class RegistrationAccepted {
  readonly __typename = 'RegistrationAccepted';
  @Field(() => DateTime, { description: 'Until when the code in the mail works.' }) readonly codeExpiresAt: Date;
  constructor(codeExpiresAt: Date) {
    this.codeExpiresAt = codeExpiresAt;
  }
}

const PasswordWeaknessEnum = Object.freeze(Object.fromEntries(PASSWORD_WEAKNESSES.map((weakness) => [weakness, weakness]))) as Readonly<
  Record<PasswordWeakness, PasswordWeakness>
>; // fromEntries forgets the keys
registerEnumType(PasswordWeaknessEnum, {
  name: 'PasswordWeakness',
  description: 'Why a password is refused.',
  valuesConfig: {
    TOO_SHORT: { description: 'It has fewer than 15 characters.' },
    COMMON: { description: 'It is on a list of breached passwords.' },
    PREDICTABLE: { description: 'It repeats itself or follows the keyboard.' },
    CONTAINS_IDENTITY: { description: 'It contains the handle or the e-mail address.' },
  },
});

@ObjectType({ implements: Problem, description: 'The password would be guessed: choose another one and a new idempotency key.' })
export class WeakPassword extends Problem {
  readonly __typename = 'WeakPassword';
  readonly code = 'WEAK_PASSWORD';
  readonly isRetryable = false;
  readonly message = 'The password would be guessed: choose another one.';
  override readonly path = ['input', 'password'];
  @Field(() => [PasswordWeaknessEnum], { description: 'Everything that is weak about it.' })
  readonly weaknesses: readonly PasswordWeakness[];
  constructor(weaknesses: readonly PasswordWeakness[]) {
    super();
    this.weaknesses = weaknesses;
  }
}

@ObjectType({ implements: Problem, description: 'The handle is or was somebody else’s: choose another one and a new idempotency key.' })
export class HandleTaken extends Problem {
  readonly __typename = 'HandleTaken';
  readonly code = 'HANDLE_TAKEN';
  readonly isRetryable = false;
  readonly message = 'This handle is or was somebody else’s: choose another one.';
  override readonly path = ['input', 'handle'];
}

export const UserRegisterResult = mutationResult('UserRegisterResult', RegistrationAccepted, WeakPassword, HandleTaken);
