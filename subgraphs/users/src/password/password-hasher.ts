import { hash, verify } from '@node-rs/argon2';
import { normalizePassword } from './password.ts';
import { createTurns } from './turns.ts';

/** OWASP's minimum for argon2id, which is the library's default algorithm. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** One less than libuv has threads: files and names are looked up there too. */
const HASHES_AT_ONCE = 3;
const MAX_WAITING = 200;

/** Hashing costs 19 MiB and tens of milliseconds, so it is a way to hurt us: few at once, a bounded queue, then refusal. */
export interface PasswordHasher {
  /** The hash as a PHC string, or `busy`. */
  hash(password: string): Promise<string | 'busy'>;
  /** Runs `work` when it is its turn. `isRight` takes the same time for an account that does not exist (null). */
  inTurn<T>(work: (isRight: (passwordHash: string | null, password: string) => Promise<boolean>) => Promise<T>): Promise<T | 'busy'>;
}

export function createPasswordHasher({ maxWaiting = MAX_WAITING }: { readonly maxWaiting?: number } = {}): PasswordHasher {
  const turns = createTurns(HASHES_AT_ONCE, maxWaiting);
  let decoy: Promise<string> | null = null;
  const isRight = async (passwordHash: string | null, password: string): Promise<boolean> => {
    decoy ??= hash('a password that nobody has', ARGON2ID);
    const isMatch = await verify(passwordHash ?? (await decoy), normalizePassword(password));
    return isMatch && passwordHash !== null;
  };
  return {
    hash: (password) => turns.take(() => hash(normalizePassword(password), ARGON2ID)),
    inTurn: (work) => turns.take(() => work(isRight)),
  };
}
