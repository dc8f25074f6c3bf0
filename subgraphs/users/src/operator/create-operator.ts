import { randomUUID } from 'node:crypto';
import { normalizeEmail } from '@tessera/service-kit/crypto';
import { type EventOrigin, type UnitOfWork, unitOfWork } from '@tessera/service-kit/messaging';
import type { MikroORM } from '@tessera/service-kit/persistence';
import { createAccount, findOrReserveEmail } from '../account/create-account.ts';
import type { UserEntity } from '../account/user.entity.ts';
import { isDisplayName, normalizeDisplayName, normalizeHandle } from '../account/user.ts';
import { weaknessesOf } from '../password/password.ts';
import type { PasswordHasher } from '../password/password-hasher.ts';
import { grant } from '../role/role-grant.ts';
import type { UsersServices } from '../services.ts';
import type { KeyRing } from '../signing/key-ring.ts';
import { markVerified } from '../verification/email-verify.ts';
import type { Operator, WantedUser } from './operator.ts';

export interface OperatorParts extends Pick<UsersServices, 'emailKeyOf'> {
  readonly orm: MikroORM;
  readonly passwords: PasswordHasher;
  readonly keys: KeyRing;
  readonly clock: () => Date;
}

export function createOperator({ orm, passwords, keys, clock, emailKeyOf }: OperatorParts): Operator {
  return {
    ensureUser: async (wanted) => {
      const passwordHash = await hashOf(wanted, passwords);
      const { result } = await unitOfWork(orm.em, originAt(clock()), async (unit) => {
        const user =
          (await findOrReserveEmail(unit.em, normalizeEmail(wanted.email))) ?? (await addUser(wanted, passwordHash, unit, emailKeyOf));
        if (!user.emailVerifiedAt) markVerified(user, unit);
        for (const role of wanted.roles) grant(user, role, unit);
        return user.id;
      });
      return result;
    },
    rotateSigningKey: () => keys.rotate(clock()),
  };
}

async function addUser(
  { email, displayName, handle }: WantedUser,
  passwordHash: string,
  unit: UnitOfWork,
  emailKeyOf: OperatorParts['emailKeyOf'],
): Promise<UserEntity> {
  const account = {
    email: normalizeEmail(email),
    passwordHash,
    displayName: normalizeDisplayName(displayName),
    handle: normalizeHandle(handle),
  };
  const user = await createAccount(account, unit, { emailKeyOf });
  if (!user) throw new Error(`The handle ${handle} belongs to another account.`);
  return user;
}

async function hashOf({ email, password, displayName, handle }: WantedUser, passwords: PasswordHasher): Promise<string> {
  const weaknesses = weaknessesOf(password, [email, handle]);
  if (weaknesses.length > 0) throw new Error(`The password of ${handle} is weak: ${weaknesses.join(', ')}.`);
  if (!isDisplayName(displayName)) throw new Error(`The name of ${handle} is not one that may be shown.`);
  const passwordHash = await passwords.hash(password);
  if (passwordHash === 'busy') throw new Error('Too many passwords are being hashed: try again.');
  return passwordHash;
}

function originAt(now: Date): EventOrigin {
  return { actor: 'service:users', correlationId: randomUUID(), causationId: null, traceparent: null, now };
}
