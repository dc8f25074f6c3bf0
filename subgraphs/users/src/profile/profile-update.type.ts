import { mutationResult, PhoneNumber, Url } from '@tessera/service-kit/graphql';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { User } from '../account/user.type.ts';
import { HandleTaken } from '../account/user-register.type.ts';

@InputType({ description: 'What changes in the caller’s profile; what is left out stays.' })
export class ProfileUpdateInput {
  @Field(() => String, { nullable: true, description: 'The name to show, 1 to 80 characters.' }) displayName?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'A unique short name: 3 to 30 lower-case letters, digits and underscores. An old one stays reserved for you.',
  })
  handle?: string | null;
  @Field(() => Url, { nullable: true, description: 'The picture to show; null takes it away.' }) avatarUrl?: string | null;
  @Field(() => PhoneNumber, { nullable: true, description: 'The telephone number; null takes it away.' }) phone?: string | null;
  @Field(() => ID, { nullable: true, description: 'One per intent; a retry repeats it.' }) idempotencyKey?: string | null;
}

@ObjectType({ description: 'The profile is as wanted.' })
export class ProfileUpdated {
  readonly __typename = 'ProfileUpdated';
  readonly userId: string;
  @Field(() => User, { nullable: true, description: 'The caller.' }) readonly user!: User | null;
  constructor(userId: string) {
    this.userId = userId;
  }
}

export const ProfileUpdateResult = mutationResult('ProfileUpdateResult', ProfileUpdated, HandleTaken);
