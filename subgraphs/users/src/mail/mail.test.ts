import { describe, expect, it } from '@jest/globals';
import { MAX_MAIL_ATTEMPTS, nextAttemptAt } from './mail.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');

describe('a letter that could not be sent', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [9, 256_000],
  ])('is tried again after failure %i in %i ms', (failures, waitMs) => {
    expect(nextAttemptAt(failures, NOW)).toEqual(new Date(NOW.getTime() + waitMs));
  });

  it('is given up after the last attempt', () => {
    expect(nextAttemptAt(MAX_MAIL_ATTEMPTS, NOW)).toBeNull();
  });
});
