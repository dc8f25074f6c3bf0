import type { Role } from '@tessera/schema/contract';
import { DateTime } from '@tessera/service-kit/graphql';
import { Field, InputType, registerEnumType } from 'type-graphql';
import { RoleEnum } from './user.type.ts';

@InputType({ description: 'A condition on a text of a user; all given parts must hold.' })
export class UserTextFilter {
  @Field(() => String, { nullable: true, description: 'Exactly this text.' }) eq?: string | null;
  @Field(() => [String], { nullable: true, description: 'One of these texts, at most 100.' }) in?: string[] | null;
  @Field(() => String, { nullable: true, description: 'This text anywhere in it, upper and lower case alike.' }) contains?: string | null;
}

@InputType({ description: 'A condition on the time of registration; all given parts must hold.' })
export class UserTimeFilter {
  @Field(() => DateTime, { nullable: true, description: 'At this instant or later.' }) gte?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'At this instant or earlier.' }) lte?: Date | null;
}

@InputType({ description: 'A condition on users; all given parts must hold. Nested at most three deep.' })
export class UserWhere {
  @Field(() => [UserWhere], { nullable: true, description: 'All of these, at most 20.' }) and?: UserWhere[] | null;
  @Field(() => [UserWhere], { nullable: true, description: 'Any of these, at most 20.' }) or?: UserWhere[] | null;
  @Field(() => UserWhere, { nullable: true, description: 'Not this.' }) not?: UserWhere | null;
  @Field(() => UserTextFilter, { nullable: true, description: 'The e-mail address, lower-case.' }) email?: UserTextFilter | null;
  @Field(() => UserTextFilter, { nullable: true, description: 'The handle.' }) handle?: UserTextFilter | null;
  @Field(() => UserTextFilter, { nullable: true, description: 'The name to show.' }) displayName?: UserTextFilter | null;
  @Field(() => RoleEnum, { nullable: true, description: 'Users who hold this role.' }) role?: Role | null;
  @Field(() => UserTimeFilter, { nullable: true, description: 'When the account was registered.' }) createdAt?: UserTimeFilter | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the e-mail address was proved.' }) isEmailVerified?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the account is suspended.' }) isSuspended?: boolean | null;
}

export const UserOrderBy = {
  CREATED_AT_ASC: 'CREATED_AT_ASC',
  CREATED_AT_DESC: 'CREATED_AT_DESC',
  HANDLE_ASC: 'HANDLE_ASC',
  HANDLE_DESC: 'HANDLE_DESC',
} as const;
export type UserOrderBy = keyof typeof UserOrderBy;
registerEnumType(UserOrderBy, { name: 'UserOrderBy', description: 'The order of a list of users.' });
