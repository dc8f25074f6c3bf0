import { LockMode } from '@mikro-orm/core';
import { ensure } from '@tessera/service-kit/errors';
import { refuseInvalid, type UseCaseContext } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { claimHandle, directoryEntry } from '../account/create-account.ts';
import { displayNameRule, handleRule } from '../account/input-rules.ts';
import { UserEntity } from '../account/user.entity.ts';
import { normalizeDisplayName, normalizeHandle } from '../account/user.ts';
import { HandleTaken } from '../account/user-register.type.ts';
import type { UsersServices } from '../services.ts';
import { ProfileUpdated, type ProfileUpdateInput } from './profile-update.type.ts';

const rules = z
  .object({
    displayName: displayNameRule.optional(),
    handle: handleRule.optional(),
    avatarUrl: z.string().max(2_048).nullish(),
    phone: z.string().max(16).nullish(),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), 'Give at least one thing to change.');

/** Changes the caller's own profile. `HandleChanged` tells the others of a new handle or name, because recipients are found by them. */
export async function profileUpdate(input: ProfileUpdateInput, { em, viewer, now, publish, services }: UseCaseContext<UsersServices>) {
  const refused = refuseInvalid(rules, input);
  if (refused) return refused;
  const user = await em.findOneOrFail(
    UserEntity,
    { id: ensure(viewer.userId, 'user of an authenticated call') },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const handle = typeof input.handle === 'string' ? normalizeHandle(input.handle) : user.handle;
  const displayName = typeof input.displayName === 'string' ? normalizeDisplayName(input.displayName) : user.displayName;
  if (handle !== user.handle && !(await claimHandle(em, handle, user.id, now))) return new HandleTaken();

  const isNameNew = handle !== user.handle || displayName !== user.displayName;
  user.handle = handle;
  user.displayName = displayName;
  if (input.avatarUrl !== undefined) user.avatarUrl = input.avatarUrl;
  if (input.phone !== undefined) user.phone = input.phone;
  user.updatedAt = now;
  if (isNameNew) publish({ type: 'HandleChanged', aggregateId: user.id, payload: directoryEntry(user, services) });
  return new ProfileUpdated(user.id);
}
