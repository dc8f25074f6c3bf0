import { normalizeEmail } from '@tessera/service-kit/crypto';
import { ensure } from '@tessera/service-kit/errors';
import { RateLimited, refuseInvalid, type UseCaseContext } from '@tessera/service-kit/graphql';
import { z } from 'zod';
import { alreadyRegisteredLetter } from '../mail/letters.ts';
import { queueMail, wasMailedEnough } from '../mail/queue-mail.ts';
import { weaknessesOf } from '../password/password.ts';
import type { UsersServices } from '../services.ts';
import { codeExpiry, sendCode } from '../verification/send-code.ts';
import { claimHandle, createAccount, findOrReserveEmail } from './create-account.ts';
import { evenAnswer } from './even-answer.ts';
import { displayNameRule, emailRule, handleRule, passwordRule } from './input-rules.ts';
import type { UserEntity } from './user.entity.ts';
import type { UsersContext } from './user.loader.ts';
import { normalizeDisplayName, normalizeHandle } from './user.ts';
import { HandleTaken, RegistrationAccepted, type UserRegisterInput, WeakPassword } from './user-register.type.ts';

const rules = z.object({ email: emailRule, password: passwordRule, displayName: displayNameRule, handle: handleRule.nullish() });
const BUSY_WAIT_MS = 1_000;
/** More than hash and transaction usually take. */
const FLOOR_MS = 150;

type HashedInput = UserRegisterInput & { readonly passwordHash: string | null };

/**
 * Registers somebody, or tells the owner of a known address by mail: answer, work and effects that a caller can see are the same. The hash
 * is made before the transaction, which must not wait for it. Safe to retry with the same key.
 */
export async function userRegister(input: UserRegisterInput, context: UsersContext): Promise<object> {
  const { services, viewer } = context;
  if (refusalOf(input)) return context.mutate(register, { ...input, passwordHash: null });
  const waitMs = await services.limits.countRegistration(viewer.clientAddress);
  if (waitMs !== null) return new RateLimited(waitMs);
  return evenAnswer(FLOOR_MS, async () => {
    const passwordHash = await services.passwords.hash(input.password);
    if (passwordHash === 'busy') return new RateLimited(BUSY_WAIT_MS);
    return context.mutate(register, { ...input, passwordHash });
  });
}

function refusalOf(input: UserRegisterInput) {
  const invalid = refuseInvalid(rules, input);
  if (invalid) return invalid;
  const weaknesses = weaknessesOf(input.password, [input.email, ...(input.handle ? [input.handle] : [])]);
  return weaknesses.length > 0 ? new WeakPassword(weaknesses) : null;
}

async function register(input: HashedInput, unit: UseCaseContext<UsersServices>) {
  const refused = refusalOf(input);
  if (refused) return refused;
  const passwordHash = ensure(input.passwordHash, 'hash of an accepted password');
  const email = normalizeEmail(input.email);
  const handle = input.handle ? normalizeHandle(input.handle) : null;
  const known = await findOrReserveEmail(unit.em, email);
  const isTaken = known
    ? !(await answerOwner(known, handle, passwordHash, unit))
    : !(await admit(unit, { email, passwordHash, handle, displayName: normalizeDisplayName(input.displayName) }));
  return isTaken ? new HandleTaken() : new RegistrationAccepted(codeExpiry(unit.now));
}

async function admit(unit: UseCaseContext<UsersServices>, account: Parameters<typeof createAccount>[0]): Promise<boolean> {
  const user = await createAccount(account, unit, unit.services);
  if (user) await sendCode(user, account.passwordHash, unit, unit.services);
  return user !== null;
}

/**
 * The wanted handle is claimed for the owner, or a second registration with it would tell that this one made no account. Who is not verified
 * yet gets a code of this registration, with its password: the one who reads the mail decides.
 */
async function answerOwner(
  owner: UserEntity,
  handle: string | null,
  passwordHash: string,
  unit: UseCaseContext<UsersServices>,
): Promise<boolean> {
  const { em, now, services } = unit;
  if (handle && !(await claimHandle(em, handle, owner.id, now))) return false;
  if (!owner.emailVerifiedAt) await sendCode(owner, passwordHash, unit, services);
  else if (!(await wasMailedEnough(em, owner.id, now))) {
    queueMail(em, {
      user: owner,
      kind: 'ALREADY_REGISTERED',
      letter: alreadyRegisteredLetter(owner.displayName, services.publicUrl),
      now,
      envelope: services.envelope,
    });
  }
  return true;
}
