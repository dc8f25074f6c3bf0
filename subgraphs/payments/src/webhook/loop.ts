import type { Log } from '@tessera/service-kit/graphql';

export interface Loop {
  /** Does the next round at once, or another one right after the running one. */
  wake(): void;
  start(): void;
  /** Lets the running round come to its end. */
  close(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  readonly intervalMs: number;
  readonly log: Pick<Log, 'error'>;
  /** Does one bounded piece of work; answers whether there is more to do at once. */
  readonly round: () => Promise<boolean>;
}

/**
 * Work that comes round again, at the latest after the interval. For what the workers of the kit are not for: work that calls out, which
 * no transaction may wait for, and work that has to begin at once. A round that fails is logged and done again after the interval.
 */
export function createLoop({ name, intervalMs, log, round }: LoopOptions): Loop {
  let isClosed = false;
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
    round().catch((error: unknown) => {
      log.error({ err: error, loop: name }, 'a round of work failed');
      return false;
    });
  const rounds = async () => {
    while (!isClosed) {
      isWoken = false;
      const isThereMore = await attempt();
      if (!isThereMore && !isWoken && !isClosed) await pause();
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
      isClosed = true;
      wake();
      await loop;
    },
  };
}
