import { describe, expect, it } from '@jest/globals';
import type { ProviderMovement } from '../provider/provider-adapter.ts';
import { ProviderError } from '../provider/provider-error.ts';
import { dayOf } from './day.ts';
import { readMovements } from './read-movements.ts';

const DAY = dayOf('2026-11-21');
const movement = { id: 'txn_1' } as ProviderMovement; // nothing here looks inside

const read = (movements: () => AsyncIterable<ProviderMovement>, bounds: { maxMovements?: number; timeoutMs?: number } = {}) =>
  readMovements({ movements }, DAY, { maxMovements: 3, timeoutMs: 1_000, ...bounds });
const several = (count: number) =>
  async function* () {
    for (let each = 0; each < count; each += 1) yield movement;
  };

describe('reading the book of a provider', () => {
  it('takes as many as the bound', async () => {
    expect(await read(several(3))).toHaveLength(3);
  });

  it('takes nothing of a book that is larger than the bound', async () => {
    await expect(read(several(4))).rejects.toMatchObject({ code: 'BAD_USER_INPUT', data: { maxMovements: 3 } });
  });

  it('gives up a book that takes too long, also when its first line never comes', async () => {
    const never = async function* (): AsyncGenerator<ProviderMovement> {
      yield await new Promise<ProviderMovement>(() => {});
    };
    await expect(read(never, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('says that the provider cannot be read, and why in the log', async () => {
    const failing = async function* (): AsyncGenerator<ProviderMovement> {
      yield movement;
      throw new ProviderError('UNKNOWN', 'TIMEOUT');
    };
    await expect(read(failing)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: { reason: 'TIMEOUT' } });
  });

  it('does not hide a mistake of ours', async () => {
    const broken = () => {
      throw new TypeError('bug');
    };
    await expect(read(broken)).rejects.toThrow(TypeError);
  });

  it('is not disturbed by a failure that comes after it gave up', async () => {
    const lateFailure = async function* (): AsyncGenerator<ProviderMovement> {
      await new Promise((resolve) => setTimeout(resolve, 40));
      yield movement;
      throw new ProviderError('UNKNOWN', 'RESET');
    };
    await expect(read(lateFailure, { timeoutMs: 10 })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await new Promise((resolve) => setTimeout(resolve, 60));
  });
});
