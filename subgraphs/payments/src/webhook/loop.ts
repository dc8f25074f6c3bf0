import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@tessera/service-kit/graphql';

const CLOSE_WITHIN_MS = 5_000;

export interface Loop {
  /** Does the next round at once, or another one right after the running one. */
  wake(): void;
  start(): void;
  /** Tells the running round to end and waits for it, a bounded time: what is left of it by then finds everything closed. */
  close(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  readonly intervalMs: number;
  readonly log: Pick<Log, 'error'>;
  /** Does one bounded piece of work; answers whether there is more to do at once. The signal asks a long one to end early. */
  readonly round: (signal: AbortSignal) => Promise<boolean>;
  readonly closeWithinMs?: number;
}

/**
 * Work that comes round again, at the latest after the interval. For what the workers of the kit are not for: work that calls out, which
 * no transaction may wait for, and work that has to begin at once. A round that fails is logged and done again after the interval.
 */
export function createLoop({ name, intervalMs, log, round, closeWithinMs = CLOSE_WITHIN_MS }: LoopOptions): Loop {
  const closing = new AbortController();
  let isWoken = false;
  let endPause = () => {};
  let loop: Promise<void> | null = null;

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const attempt = () =>
    round(closing.signal).catch((error: unknown) => {
      if (!closing.signal.aborted) log.error({ err: error, loop: name }, 'a round of work failed');
      return false;
    });
  const rounds = async () => {
    while (!closing.signal.aborted) {
      isWoken = false;
      const isThereMore = await attempt();
      if (!isThereMore && !isWoken && !closing.signal.aborted) await pause();
    }
  };
  const wake = () => {
    isWoken = true;
    endPause();
  };

  return {
    wake,
    start: () => {
      loop ??= rounds();
    },
    close: async () => {
      closing.abort();
      wake();
      const ended = new AbortController();
      await Promise.race([loop, sleep(closeWithinMs, undefined, { signal: ended.signal }).catch(() => undefined)]);
      ended.abort();
    },
  };
}
