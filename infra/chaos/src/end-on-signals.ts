/** The exit code. */
export const INTERRUPTED = 130;

export interface Interruption {
  isInterrupted(): boolean;
}

/** What runs belongs to us: it is ended in order whoever wants us gone; after kill -9 its keepers do the same. */
export function endOnSignals(end: () => Promise<unknown>): Interruption {
  let isInterrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!isInterrupted) process.stderr.write('\nEnding everything that was started …\n');
      isInterrupted = true;
      void end().finally(() => process.exit(INTERRUPTED));
    });
  }
  return { isInterrupted: () => isInterrupted };
}
