import { TesseraError } from '@tessera/service-kit/errors';

/** What clocks of two machines may differ: a transfer that has just been made may lie ahead of ours. */
const CLOCK_TOLERANCE_MS = 5_000;

/** Nobody knows the books of tomorrow. @throws TesseraError BAD_USER_INPUT, with the argument as its path */
export function refuseFuture(argument: string, time: Date, now: Date): void {
  if (time.getTime() <= now.getTime() + CLOCK_TOLERANCE_MS) return;
  throw new TesseraError('BAD_USER_INPUT', `${argument} lies in the future: ask for an instant that has been.`, { path: [argument] });
}
