import { ROLES, type Role } from '@tessera/schema/contract';
import { DateTime, EmailAddress, PhoneNumber, Url } from '@tessera/service-kit/graphql';
import { hasScope, type Viewer } from '@tessera/service-kit/identity';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { UserEntity } from './user.entity.ts';

export const RoleEnum = Object.freeze(Object.fromEntries(ROLES.map((role) => [role, role]))) as Readonly<Record<Role, Role>>; // fromEntries forgets the keys
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a user is on the platform.',
  valuesConfig: {
    CUSTOMER: { description: 'Buys, pays and sends money; every user is one.' },
    VENDOR: { description: 'Sells products of their own.' },
    ADMIN: { description: 'Runs the platform.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType({
  description: 'A person with an account. Names resolve for everybody; the rest is null unless it is you or you hold users:read.',
})
export class User {
  @Field(() => ID, { description: 'The id, which never changes.' }) readonly id!: string;
  @Field(() => String, { description: 'The unique short name, for sending money to somebody: lower-case letters, digits and underscores.' })
  readonly handle!: string;
  @Field(() => String, { description: 'The name to show.' }) readonly displayName!: string;
  @Field(() => Url, { nullable: true, description: 'The picture to show.' }) readonly avatarUrl!: string | null;
  @Field(() => [RoleEnum], { nullable: true, description: 'What the user may be here; a change shows in tokens from the next refresh on.' })
  readonly roles!: readonly Role[] | null;
  @Field(() => DateTime, { nullable: true, description: 'When the account was registered.' }) readonly createdAt!: Date | null;
  @Field(() => EmailAddress, { nullable: true, description: 'The e-mail address, lower-case.' }) readonly email!: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the address was proved; without that there is no session.' })
  readonly isEmailVerified!: boolean | null;
  @Field(() => PhoneNumber, { nullable: true, description: 'The telephone number.' }) readonly phone!: string | null;
  /** Not part of the graph: whether nested private fields may be answered too. */
  readonly isPrivateVisible!: boolean;
}

export const UserConnection = connectionTypes('User', () => User);

/** Whether this caller may see the private fields of that account. */
export function seesPrivate(viewer: Viewer, userId: string): boolean {
  return viewer.userId === userId || hasScope(viewer, 'users:read');
}

/** The account as seen with or without its private fields. */
export function userView(user: UserEntity, isPrivateVisible: boolean): User {
  const { id, handle, displayName, avatarUrl } = user;
  const names = { id, handle, displayName, avatarUrl: avatarUrl ?? null };
  const seen = isPrivateVisible
    ? {
        roles: user.roles,
        createdAt: user.createdAt,
        email: user.email,
        isEmailVerified: Boolean(user.emailVerifiedAt),
        phone: user.phone ?? null,
      }
    : { roles: null, createdAt: null, email: null, isEmailVerified: null, phone: null };
  return Object.assign(new User(), { ...names, ...seen, isPrivateVisible });
}
