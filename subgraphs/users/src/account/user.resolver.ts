import { Public, RequiresScopes } from '@tessera/service-kit/access';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, ID, Query, Resolver } from 'type-graphql';
import { UserEntity } from './user.entity.ts';
import { type UsersContext, visibleUser } from './user.loader.ts';
import { User, UserConnection, userView } from './user.type.ts';
import { conditionOf, USER_ORDERS } from './users-where.ts';
import { UserOrderBy, UserWhere } from './users-where.type.ts';

@Resolver(() => User)
export class UserResolver {
  @Public()
  @Query(() => User, { nullable: true, description: 'The signed-in user; null for anonymous callers.' })
  me(@Ctx() context: UsersContext) {
    return context.viewer.userId ? context.load(visibleUser, context.viewer.userId) : null;
  }

  @RequiresScopes([['users:read']])
  @Query(() => User, { nullable: true, description: 'One user by id; null when there is none.' })
  user(@Arg('id', () => ID, { description: 'The id of the user.' }) id: string, @Ctx() context: UsersContext) {
    return context.load(visibleUser, id);
  }

  @RequiresScopes([['users:read']])
  @Query(() => UserConnection, { description: 'All users, newest first unless ordered otherwise.' })
  async users(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('where', () => UserWhere, { nullable: true, description: 'Only users for whom this holds.' }) where: UserWhere | null | undefined,
    @Arg('orderBy', () => UserOrderBy, { nullable: true, description: 'The order; CREATED_AT_DESC when not given.' }) orderBy:
      | UserOrderBy
      | null
      | undefined,
    @Ctx() { em, cursorSecret }: UsersContext,
  ) {
    const order = orderBy ?? 'CREATED_AT_DESC';
    const page = await paginate(em, {
      entity: UserEntity,
      where: conditionOf(where),
      sort: [USER_ORDERS[order]],
      args,
      filter: { where: where ?? null, order },
      secret: cursorSecret,
      toNode: (user) => userView(user, true),
    });
    return new UserConnection(page);
  }
}
