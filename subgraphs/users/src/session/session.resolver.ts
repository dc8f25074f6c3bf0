import { Authenticated, Public } from '@tessera/service-kit/access';
import { ConnectionArgs, paginate } from '@tessera/service-kit/pagination';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { UserEntity } from '../account/user.entity.ts';
import type { UsersContext } from '../account/user.loader.ts';
import { User, userView } from '../account/user.type.ts';
import { SessionEntity } from './session.entity.ts';
import {
  Session,
  SessionCloseInput,
  SessionCloseResult,
  SessionConnection,
  SessionOpened,
  SessionOpenInput,
  SessionOpenResult,
  SessionRefreshed,
  SessionRefreshInput,
  SessionRefreshResult,
} from './session.type.ts';
import { sessionClose } from './session-close.ts';
import { sessionOpen } from './session-open.ts';
import { sessionRefresh } from './session-refresh.ts';

@Resolver()
export class SessionResolver {
  @Public()
  @Mutation(() => SessionOpenResult, {
    description:
      'Logs in; repeatable, takes no idempotency key. CredentialsInvalid, EmailNotVerified, UserSuspended, InvalidInput and RateLimited can come back.',
  })
  sessionOpen(
    @Arg('input', () => SessionOpenInput, { description: 'Who logs in.' }) input: SessionOpenInput,
    @Ctx() context: UsersContext,
  ) {
    return sessionOpen(input, context);
  }

  @Public()
  @Mutation(() => SessionRefreshResult, {
    description:
      'Gets new tokens, with the rights of now; repeatable, takes no idempotency key. RefreshTokenInvalid and UserSuspended can come back.',
  })
  sessionRefresh(
    @Arg('input', () => SessionRefreshInput, { description: 'The refresh token.' }) input: SessionRefreshInput,
    @Ctx() context: UsersContext,
  ) {
    return sessionRefresh(input, context);
  }

  @Authenticated()
  @Mutation(() => SessionCloseResult, {
    description:
      'Logs out this session, one, or all; repeatable, takes no idempotency key. SessionNotFound and InvalidInput can come back.',
  })
  sessionClose(
    @Arg('input', () => SessionCloseInput, { description: 'Which sessions.' }) input: SessionCloseInput,
    @Ctx() context: UsersContext,
  ) {
    return context.repeat(sessionClose, input);
  }
}

@Resolver(() => User)
export class UserSessionsResolver {
  @FieldResolver(() => SessionConnection, {
    nullable: true,
    description: 'Open sessions, newest first; null unless it is you or you hold users:read.',
  })
  async sessions(
    @Root() user: User,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { em, viewer, now, cursorSecret }: UsersContext,
  ) {
    if (!user.isPrivateVisible) return null;
    const page = await paginate(em, {
      entity: SessionEntity,
      where: { userId: user.id, revokedAt: null, expiresAt: { $gt: now } },
      sort: [{ property: 'createdAt', direction: 'desc' }],
      args,
      filter: { sessionsOf: user.id },
      secret: cursorSecret,
      toNode: (session) => sessionView(session, viewer.sessionId),
    });
    return new SessionConnection(page);
  }
}

/** Whoever holds the tokens is the user, whatever the request came with. */
@Resolver(() => SessionOpened)
export class SessionOpenedResolver {
  @FieldResolver(() => User, { nullable: true })
  user(@Root() { userId }: SessionOpened, @Ctx() context: UsersContext) {
    return ownView(userId, context);
  }
}

@Resolver(() => SessionRefreshed)
export class SessionRefreshedResolver {
  @FieldResolver(() => User, { nullable: true })
  user(@Root() { userId }: SessionRefreshed, @Ctx() context: UsersContext) {
    return ownView(userId, context);
  }
}

async function ownView(userId: string, { em }: UsersContext): Promise<User> {
  return userView(await em.findOneOrFail(UserEntity, { id: userId }), true);
}

function sessionView({ id, createdAt, lastUsedAt, expiresAt, openedFrom }: SessionEntity, currentId: string | null): Session {
  return Object.assign(new Session(), {
    id,
    createdAt,
    lastUsedAt,
    expiresAt,
    openedFrom: openedFrom ?? null,
    isCurrent: id === currentId,
  });
}
