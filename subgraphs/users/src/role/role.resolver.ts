import { RequiresScopes } from '@tessera/service-kit/access';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { type UsersContext, visibleUser } from '../account/user.loader.ts';
import { User } from '../account/user.type.ts';
import { RoleGranted, RoleGrantInput, RoleGrantResult, RoleRevoked, RoleRevokeInput, RoleRevokeResult } from './role.type.ts';
import { roleGrant } from './role-grant.ts';
import { roleRevoke } from './role-revoke.ts';

@Resolver()
export class RoleResolver {
  @RequiresScopes([['users:write']])
  @Mutation(() => RoleGrantResult, {
    description: 'Gives a user a role, from their next refresh on; CannotGrant and UserNotFound can come back.',
  })
  roleGrant(@Arg('input', () => RoleGrantInput, { description: 'Who gets what.' }) input: RoleGrantInput, @Ctx() context: UsersContext) {
    return context.mutate(roleGrant, input);
  }

  @RequiresScopes([['users:write']])
  @Mutation(() => RoleRevokeResult, {
    description: 'Takes a role from a user, from their next refresh on; CannotGrant, UserNotFound and InvalidInput can come back.',
  })
  roleRevoke(
    @Arg('input', () => RoleRevokeInput, { description: 'Who loses what.' }) input: RoleRevokeInput,
    @Ctx() context: UsersContext,
  ) {
    return context.mutate(roleRevoke, input);
  }
}

@Resolver(() => RoleGranted)
export class RoleGrantedResolver {
  @FieldResolver(() => User, { nullable: true })
  user(@Root() { userId }: RoleGranted, @Ctx() context: UsersContext) {
    return context.load(visibleUser, userId);
  }
}

@Resolver(() => RoleRevoked)
export class RoleRevokedResolver {
  @FieldResolver(() => User, { nullable: true })
  user(@Root() { userId }: RoleRevoked, @Ctx() context: UsersContext) {
    return context.load(visibleUser, userId);
  }
}
