import { DateTime, EmailAddress, Problem, repeatableResult } from '@tessera/service-kit/graphql';
import { connectionTypes } from '@tessera/service-kit/pagination';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { User } from '../account/user.type.ts';
import type { AccessToken } from './access-token.ts';

@ObjectType({ description: 'A log-in on one device.' })
export class Session {
  @Field(() => ID, { description: 'The id, for closing it.' }) readonly id!: string;
  @Field(() => DateTime, { description: 'When it was opened.' }) readonly createdAt!: Date;
  @Field(() => DateTime, { description: 'When it was last refreshed.' }) readonly lastUsedAt!: Date;
  @Field(() => DateTime, { description: 'When it ends at the latest.' }) readonly expiresAt!: Date;
  @Field(() => String, { nullable: true, description: 'The network address it was opened from.' }) readonly openedFrom!: string | null;
  @Field(() => Boolean, { description: 'Whether it is the one that asks.' }) readonly isCurrent!: boolean;
}

export const SessionConnection = connectionTypes('Session', () => Session);

@InputType({ description: 'E-mail address and password.' })
export class SessionOpenInput {
  @Field(() => EmailAddress, { description: 'The address of the account.' }) email!: string;
  @Field(() => String, { description: 'The password.' }) password!: string;
}

@InputType({ description: 'The refresh token of the last answer.' })
export class SessionRefreshInput {
  @Field(() => String, { nullable: true, description: 'The token; web clients leave it out, their cookie holds it.' }) refreshToken?:
    | string
    | null;
}

@InputType({ description: 'Which session to close: the one that asks when nothing is given.' })
export class SessionCloseInput {
  @Field(() => ID, { nullable: true, description: 'One session of the caller.' }) sessionId?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True closes every session of the caller.' }) isEverywhere?: boolean | null;
}

/** Never stored: log-in and refresh run without an idempotency key. */
@ObjectType({ description: 'The caller is logged in. In a web session the tokens are empty here and held in cookies.' })
export class SessionOpened {
  readonly __typename = 'SessionOpened';
  readonly userId: string;
  @Field(() => String, { description: 'Goes into the header Authorization, after "Bearer ".' }) readonly accessToken: string;
  @Field(() => DateTime, { description: 'When the access token ends: refresh before that.' }) readonly expiresAt: Date;
  @Field(() => String, { description: 'Gets the next pair of tokens, once; keep it secret.' }) readonly refreshToken: string;
  @Field(() => User, { nullable: true, description: 'Who is logged in.' }) readonly user!: User | null;
  constructor(userId: string, { accessToken, expiresAt }: AccessToken, refreshToken: string) {
    this.userId = userId;
    this.accessToken = accessToken;
    this.expiresAt = expiresAt;
    this.refreshToken = refreshToken;
  }
}

@ObjectType({
  description:
    'A new pair of tokens; the refresh token that was sent is used up. In a web session both are empty here and held in cookies.',
})
export class SessionRefreshed {
  readonly __typename = 'SessionRefreshed';
  readonly userId: string;
  @Field(() => String, { description: 'Goes into the header Authorization, after "Bearer ".' }) readonly accessToken: string;
  @Field(() => DateTime, { description: 'When the access token ends: refresh before that.' }) readonly expiresAt: Date;
  @Field(() => String, { description: 'Gets the next pair of tokens, once; keep it secret.' }) readonly refreshToken: string;
  @Field(() => User, { nullable: true, description: 'Who is logged in.' }) readonly user!: User | null;
  constructor(userId: string, { accessToken, expiresAt }: AccessToken, refreshToken: string) {
    this.userId = userId;
    this.accessToken = accessToken;
    this.expiresAt = expiresAt;
    this.refreshToken = refreshToken;
  }
}

@ObjectType({ description: 'The sessions are closed; their access tokens end within 15 minutes, live connections at once.' })
export class SessionClosed {
  readonly __typename = 'SessionClosed';
  @Field(() => Int, { description: 'How many were open until now; 0 when it was closed before.' }) readonly closedCount: number;
  constructor(closedCount: number) {
    this.closedCount = closedCount;
  }
}

@ObjectType({ implements: Problem, description: 'Address or password is wrong: the same answer for an address without an account.' })
export class CredentialsInvalid extends Problem {
  readonly __typename = 'CredentialsInvalid';
  readonly code = 'CREDENTIALS_INVALID';
  readonly isRetryable = false;
  readonly message = 'Address or password is wrong.';
}

@ObjectType({
  implements: Problem,
  description: 'The password is right, but the address waits for its proof: call emailVerify, or emailVerificationResend for a new code.',
})
export class EmailNotVerified extends Problem {
  readonly __typename = 'EmailNotVerified';
  readonly code = 'EMAIL_NOT_VERIFIED';
  readonly isRetryable = false;
  readonly message = 'The address is not proved yet: enter the code from the mail first.';
}

@ObjectType({ implements: Problem, description: 'The account is suspended: only support can change that.' })
export class UserSuspended extends Problem {
  readonly __typename = 'UserSuspended';
  readonly code = 'USER_SUSPENDED';
  readonly isRetryable = false;
  readonly message = 'This account is suspended.';
}

@ObjectType({
  implements: Problem,
  description: 'The refresh token is unknown, used up, too old, or its session is closed: open a new session.',
})
export class RefreshTokenInvalid extends Problem {
  readonly __typename = 'RefreshTokenInvalid';
  readonly code = 'REFRESH_TOKEN_INVALID';
  readonly isRetryable = false;
  readonly message = 'This refresh token does not work (any more): log in again.';
}

@ObjectType({ implements: Problem, description: 'No such session, or not yours: both answer alike.' })
export class SessionNotFound extends Problem {
  readonly __typename = 'SessionNotFound';
  readonly code = 'SESSION_NOT_FOUND';
  readonly isRetryable = false;
  readonly message = 'There is no such session.';
  override readonly path = ['input', 'sessionId'];
}

export const SessionOpenResult = repeatableResult('SessionOpenResult', SessionOpened, CredentialsInvalid, EmailNotVerified, UserSuspended);
export const SessionRefreshResult = repeatableResult('SessionRefreshResult', SessionRefreshed, RefreshTokenInvalid, UserSuspended);
export const SessionCloseResult = repeatableResult('SessionCloseResult', SessionClosed, SessionNotFound);
