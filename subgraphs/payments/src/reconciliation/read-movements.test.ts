import { describe, expect, it } from '@jest/globals';
import type { ProviderMovement } from '../provider/provider-adapter.ts';
import { ProviderError } from '../provider/provider-error.ts';
import { dayOf } from './day.ts';
import { BookTooLarge, readMovements } from './read-movements.ts';

const DAY = dayOf('2026-11-21');
const movement = { id: 'txn_1' } as ProviderMovement; // nothing here looks inside

type Movements = (from: Date, to: Date, signal?: AbortSignal) => AsyncIterable<ProviderMovement>;
const read = (movements: Movements, bounds: { maxMovements?: number; timeoutMs?: number; signal?: AbortSignal } = {}) =>
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

  it('MUST ask for no further page once it has given up, for time or for length', async () => {
    for (const bounds of [{ timeoutMs: 20, maxMovements: 1_000 }, { maxMovements: 2 }]) {
      let pages = 0;
      const paged = async function* (_from: Date, _to: Date, signal?: AbortSignal) {
        for (; !signal?.aborted; pages += 1) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          yield movement;
        }
      };
      await expect(read(paged, bounds)).rejects.toBeInstanceOf(BookTooLarge);
      const given = pages;
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(pages).toBeLessThanOrEqual(given + 1);
    }
  });

  it('gives up when it is told to, before the time is over', async () => {
    const closing = new AbortController();
    const never = async function* (): AsyncGenerator<ProviderMovement> {
      yield await new Promise<ProviderMovement>(() => {});
    };
    const reading = read(never, { timeoutMs: 60_000, signal: closing.signal });
    closing.abort();
    await expect(reading).rejects.toBeInstanceOf(BookTooLarge);
    await expect(read(never, { signal: closing.signal })).rejects.toBeInstanceOf(BookTooLarge);
  });

  it('names the daily check as the way for large days', async () => {
    await expect(read(several(4))).rejects.toMatchObject({ data: { hint: expect.stringContaining('daily check') } });
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
