/** Real time plus an offset, so that days pass in a test without waiting. All values are epoch milliseconds. */
export interface Clock {
  nowMs(): number;
  readonly offsetMs: number;
  /** Only forwards: an earlier instant than now is ignored. */
  moveTo(instantMs: number): void;
  setOffset(offsetMs: number): void;
}

export function createClock(realNowMs: () => number = Date.now): Clock {
  let offsetMs = 0;
  return {
    nowMs: () => realNowMs() + offsetMs,
    get offsetMs() {
      return offsetMs;
    },
    moveTo: (instantMs) => {
      offsetMs += Math.max(0, instantMs - (realNowMs() + offsetMs));
    },
    setOffset: (value) => {
      offsetMs = value;
    },
  };
}

/** Stripe speaks of whole seconds. */
export function toSeconds(instantMs: number): number {
  return Math.floor(instantMs / 1000);
}
