/** Runs one look-up at a time and gives it everything that was asked for meanwhile: separate requests share their reads, without a timer. */
export function coalesced<Asked, Found>(
  lookUp: (asked: readonly Asked[]) => Promise<readonly Found[]>,
  { maxBatch }: { readonly maxBatch: number },
): (asked: Asked) => Promise<Found> {
  interface Waiting {
    readonly asked: Asked;
    readonly resolve: (found: Found) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let isRunning = false;

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      try {
        const found = await lookUp(batch.map(({ asked }) => asked));
        for (const [at, { resolve }] of batch.entries()) resolve(found[at] as Found); // one for each
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isRunning = false;
  };

  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      if (isRunning) return;
      isRunning = true;
      setImmediate(() => void run());
    });
}
