/** Lets `atOnce` pieces of work run, `maxWaiting` wait in order, and refuses the rest at once. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T | 'busy'>;
}

export function createTurns(atOnce: number, maxWaiting: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  const next = () => {
    const wake = waiting.shift();
    if (wake) wake();
    else running -= 1;
  };
  return {
    take: async (work) => {
      if (running < atOnce) running += 1;
      else if (waiting.length >= maxWaiting) return 'busy';
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
