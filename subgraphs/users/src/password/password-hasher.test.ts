import { describe, expect, it } from '@jest/globals';
import { createPasswordHasher } from './password-hasher.ts';

const PASSWORD = 'correct-horse-tessera';

describe('hashing passwords', () => {
  it('is argon2id with 19 MiB and two passes, and recognises what it hashed', async () => {
    const passwords = createPasswordHasher();
    const passwordHash = await passwords.hash(PASSWORD);
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(
      await passwords.inTurn((isRight) => Promise.all([isRight(passwordHash, PASSWORD), isRight(passwordHash, `${PASSWORD}!`)])),
    ).toEqual([true, false]);
  });

  it('MUST do the same work for an account that does not exist', async () => {
    const passwords = createPasswordHasher();
    const passwordHash = await passwords.hash(PASSWORD);
    const quickest = async (against: string | null) => {
      const times: number[] = [];
      for (let run = 1; run <= 5; run += 1) {
        const startedAt = performance.now();
        await passwords.inTurn((isRight) => isRight(against, 'a wrong password, long'));
        times.push(performance.now() - startedAt);
      }
      return Math.min(...times);
    };
    const [known, unknown] = [await quickest(passwordHash), await quickest(null)];
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it('is nobody’s password, whatever is sent for an account that does not exist', async () => {
    const passwords = createPasswordHasher();
    expect(await passwords.inTurn((isRight) => isRight(null, 'a password that nobody has'))).toBe(false);
  });

  it('refuses work when too much is waiting', async () => {
    const passwords = createPasswordHasher({ maxWaiting: 1 });
    const hashes = await Promise.all(Array.from({ length: 6 }, () => passwords.hash(PASSWORD)));
    expect(hashes.filter((hash) => hash === 'busy')).toHaveLength(2);
  });
});
