import { setTimeout as sleep } from 'node:timers/promises';

/** Answers no sooner than `floorMs` after the call, so that the time does not tell which way the work went. */
export async function evenAnswer<T>(floorMs: number, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.all([work(), sleep(floorMs)]);
  return result;
}
