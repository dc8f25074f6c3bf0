import 'reflect-metadata'; // type-graphql's decorators ask for it
import { PROBLEM_CODES, type ProblemCodeName } from '@tessera/schema/contract';
import { Directive, Field, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';

export const ProblemCode = Object.freeze(Object.fromEntries(PROBLEM_CODES.map((code) => [code, code]))) as Readonly<
  Record<ProblemCodeName, ProblemCodeName>
>; // fromEntries forgets the keys
registerEnumType(ProblemCode, { name: 'ProblemCode', description: 'Every business refusal of the platform.' });

/** A business refusal as data. Outcomes hold ids and facts only, never secrets: most are stored under the idempotency key. */
@InterfaceType({ autoRegisterImplementations: false, description: 'A business refusal: why the request was not carried out.' })
export abstract class Problem {
  @Field(() => ProblemCode, { description: 'What kind of refusal this is, for code.' }) abstract readonly code: ProblemCodeName;
  @Field(() => String, { description: 'What happened and what to do, in one sentence for a developer.' }) abstract readonly message: string;
  @Field(() => Boolean, { description: 'Whether the same request may succeed later.' }) abstract readonly isRetryable: boolean;
  @Field(() => [String], { nullable: true, description: 'The input field that the refusal is about, from the root of the arguments.' })
  readonly path?: string[];
}

@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'This idempotency key was used before with other input: use a new key for a new intent.' })
export class IdempotencyKeyReused extends Problem {
  readonly __typename = 'IdempotencyKeyReused';
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  readonly isRetryable = false;
  readonly message = 'This idempotency key was used before with other input: use a new key for a new intent.';
  @Field(() => [String], { description: 'Paths of the input fields that differ from the first request.' })
  readonly differingFields: string[];
  constructor(differingFields: string[]) {
    super();
    this.differingFields = differingFields;
  }
}

@Directive('@shareable')
@ObjectType({
  implements: Problem,
  description: 'The first request with this idempotency key is still running: ask again with the same key.',
})
export class IdempotencyInProgress extends Problem {
  readonly __typename = 'IdempotencyInProgress';
  readonly code = 'IDEMPOTENCY_IN_PROGRESS';
  readonly isRetryable = true;
  readonly message = 'The first request with this idempotency key is still running: ask again with the same key.';
  @Field(() => Int, { description: 'How long to wait before asking again, in milliseconds.' }) readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super();
    this.retryAfterMs = retryAfterMs;
  }
}

@Directive('@shareable')
@ObjectType({ description: 'One thing that is wrong with the input.' })
export class InputIssue {
  @Field(() => [String], { description: 'Where it is, from the root of the arguments.' }) readonly path!: string[];
  @Field(() => String, { description: 'A stable code such as too_small, too_big, invalid_format, unknown.' }) readonly code!: string;
  @Field(() => String, { description: 'What is wrong and what would be right.' }) readonly message!: string;
}

/** Never stored under the key: the corrected request may use the same one. */
@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'The input breaks a rule; nothing was written and the idempotency key is still free.' })
export class InvalidInput extends Problem {
  readonly __typename = 'InvalidInput';
  readonly code = 'INVALID_INPUT';
  readonly isRetryable = false;
  readonly message: string;
  override readonly path?: string[];
  @Field(() => [InputIssue], { description: 'Everything that is wrong.' }) readonly issues: InputIssue[];
  constructor(issues: InputIssue[]) {
    super();
    this.issues = issues;
    const [only, ...others] = issues;
    if (only && others.length === 0) this.path = only.path;
    this.message = issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  }
}

/** Never stored under the key: the same request may pass later. */
@Directive('@shareable')
@ObjectType({ implements: Problem, description: 'Too many requests of this kind: wait before asking again.' })
export class RateLimited extends Problem {
  readonly __typename = 'RateLimited';
  readonly code = 'RATE_LIMITED';
  readonly isRetryable = true;
  readonly message = 'Too many requests of this kind: wait before asking again.';
  @Field(() => Int, { description: 'How long to wait before asking again, in milliseconds.' }) readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super();
    this.retryAfterMs = Math.max(1, Math.ceil(retryAfterMs));
  }
}
