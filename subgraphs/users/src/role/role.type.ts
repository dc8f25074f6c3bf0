import type { Role } from '@tessera/schema/contract';
import { mutationResult, Problem } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { RoleEnum, User } from '../account/user.type.ts';

@InputType({ description: 'Who gets which role.' })
export class RoleGrantInput {
  @Field(() => ID, { description: 'The user who gets it.' }) userId!: string;
  @Field(() => RoleEnum, { description: 'The role.' }) role!: Role;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@InputType({ description: 'Who loses which role.' })
export class RoleRevokeInput {
  @Field(() => ID, { description: 'The user who loses it.' }) userId!: string;
  @Field(() => RoleEnum, { description: 'The role; CUSTOMER cannot be taken away.' }) role!: Role;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'The user holds the role; their tokens carry it from the next refresh on.' })
export class RoleGranted {
  readonly __typename = 'RoleGranted';
  readonly userId: string;
  @Field(() => User, { nullable: true, description: 'The user.' }) readonly user!: User | null;
  constructor(userId: string) {
    this.userId = userId;
  }
}

@ObjectType({ description: 'The user does not hold the role; tokens that carry it end within 15 minutes.' })
export class RoleRevoked {
  readonly __typename = 'RoleRevoked';
  readonly userId: string;
  @Field(() => User, { nullable: true, description: 'The user.' }) readonly user!: User | null;
  constructor(userId: string) {
    this.userId = userId;
  }
}

@ObjectType({ implements: Problem, description: 'The role, or the user, has rights that you do not have yourself.' })
export class CannotGrant extends Problem {
  readonly __typename = 'CannotGrant';
  readonly code = 'CANNOT_GRANT';
  readonly isRetryable = false;
  readonly message = 'The role, or the user, has rights that you do not have yourself.';
}

@ObjectType({ implements: Problem, description: 'There is no such user.' })
export class UserNotFound extends Problem {
  readonly __typename = 'UserNotFound';
  readonly code = 'USER_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such user.';
  override readonly path = ['input', 'userId'];
}

export const RoleGrantResult = mutationResult('RoleGrantResult', RoleGranted, CannotGrant, UserNotFound);
export const RoleRevokeResult = mutationResult('RoleRevokeResult', RoleRevoked, CannotGrant, UserNotFound);
