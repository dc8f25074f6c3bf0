import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; ends early, without an error, when the signal aborts. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await sleep(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined); // only an abort rejects
}

/** Grows by `factor` per attempt (1, 2, …) up to `capMs`, then spread over its upper half so that a herd does not return as one. */
export function backoffMs(attempt: number, baseMs: number, capMs: number, factor = 2): number {
  const fullMs = Math.min(capMs, baseMs * factor ** (attempt - 1));
  return fullMs * (0.5 + Math.random() / 2);
}

/** Runs `work`, but waits for it no longer than `timeoutMs`. */
export async function within<T>(timeoutMs: number, what: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const expired = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} took longer than ${timeoutMs} ms`);
  });
  expired.catch(() => undefined); // its end after `work` won is of no interest
  return Promise.race([work, expired]).finally(() => timer.abort());
}

/**
 * The outcome of `work`, or a rejection as soon as the signal aborts: a Redis client that is closed between two attempts to connect never
 * settles the commands that wait in it.
 */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Something happened: rings that nobody waits for are kept, as one. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when one was missed, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void>;
}

export function createBell(): Bell {
  let isPending = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      isPending = true;
      wake?.();
    },
    async wait(timeoutMs) {
      if (!isPending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      isPending = false;
    },
  };
}
