import { randomBytes } from 'node:crypto';
import { LockMode } from '@mikro-orm/core';
import type { Role } from '@tessera/schema/contract';
import { newId } from '@tessera/service-kit/ids';
import type { UnitOfWork } from '@tessera/service-kit/messaging';
import { type EntityManager, rawSql } from '@tessera/service-kit/persistence';
import type { UsersServices } from '../services.ts';
import { UserEntity } from './user.entity.ts';
import { handleFrom } from './user.ts';

const MAX_HANDLE_ATTEMPTS = 5;
/** Keeps these locks apart from others of this database. */
const EMAIL_LOCK_SEED = 727_102;

export interface NewAccount {
  /** Normalised. */
  readonly email: string;
  readonly passwordHash: string;
  readonly displayName: string;
  /** Normalised; null to have one made. */
  readonly handle: string | null;
}

/**
 * The account of a normalised address, locked; or null, and then nobody else makes one before this transaction ends: of two registrations at once
 * the second sees the account of the first, not only its handle.
 */
export async function findOrReserveEmail(em: EntityManager, email: string): Promise<UserEntity | null> {
  await rawSql(em, `select pg_advisory_xact_lock(hashtextextended($1, ${EMAIL_LOCK_SEED}))`, [email]);
  return em.findOne(UserEntity, { email }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** Creates an account that is not verified yet and tells the others. Answers null when the handle belongs to somebody else. */
export async function createAccount(
  account: NewAccount,
  unit: UnitOfWork,
  services: Pick<UsersServices, 'emailKeyOf'>,
): Promise<UserEntity | null> {
  const { em, now } = unit;
  const id = newId('user');
  const handle = account.handle ? await claimed(em, account.handle, id, now) : await claimFreeHandle(em, account.displayName, id, now);
  if (!handle) return null;
  const user = em.create(UserEntity, {
    ...account,
    id,
    handle,
    emailVerifiedAt: null,
    avatarUrl: null,
    phone: null,
    roles: ['CUSTOMER'] satisfies Role[],
    suspendedAt: null,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush(); // other rows of this transaction refer to it
  unit.publish({ type: 'UserRegistered', aggregateId: id, payload: directoryEntry(user, services) });
  return user;
}

/** What recipients are found by elsewhere. */
export function directoryEntry({ id, handle, displayName, email }: UserEntity, { emailKeyOf }: Pick<UsersServices, 'emailKeyOf'>) {
  return { userId: id, handle, displayName, emailKey: emailKeyOf(email) };
}

/** Takes the handle for this user for ever; false when it is or was somebody else's. Waits for a transaction that is claiming it just now. */
export async function claimHandle(em: EntityManager, handle: string, userId: string, now: Date): Promise<boolean> {
  const rows = await rawSql(
    em,
    `with claim as (
       insert into handles (handle, user_id, claimed_at) values ($1, $2, $3) on conflict (handle) do nothing returning handle
     )
     select handle from claim union all select handle from handles where handle = $1 and user_id = $2`,
    [handle, userId, now],
  );
  return rows.length > 0;
}

async function claimed(em: EntityManager, handle: string, userId: string, now: Date): Promise<string | null> {
  return (await claimHandle(em, handle, userId, now)) ? handle : null;
}

async function claimFreeHandle(em: EntityManager, displayName: string, userId: string, now: Date): Promise<string> {
  for (let attempt = 1; attempt <= MAX_HANDLE_ATTEMPTS; attempt += 1) {
    const handle = handleFrom(displayName, randomBytes(8).readBigUInt64BE().toString(36).padStart(6, '0').slice(-6));
    if (await claimHandle(em, handle, userId, now)) return handle;
  }
  throw new Error('No free handle was found.');
}
