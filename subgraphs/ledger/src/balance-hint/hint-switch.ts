import { setTimeout as sleep } from 'node:timers/promises';
import { createSwitchConnection } from './switch-connection.ts';

const OFF_MS = 60_000;
/** What clocks of two machines may differ. */
const CLOCK_TOLERANCE_MS = 5_000;
/** A transaction that finds it off may take so long to commit. */
const TRANSACTION_MS = 25_000;
const TURN_OFF = `update balance_hint_switch set off_until = greatest(off_until, clock_timestamp() + $1 * interval '1 millisecond')`;

export interface HintSwitch {
  /** Sees that it can be turned off when it has to be, without waiting. */
  prepare(): void;
  /** Whether no value is anywhere, nor will be as long as a transaction may take. */
  isOff(): boolean;
  /** Resolves once no value is anywhere any more: nobody keeps new ones, and the old ones have passed. @throws SwitchUnreachable within a bound */
  turnOff(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps everybody from using hints while this process cannot tell Redis about its commits. The switch is in the database, which everybody reads
 * before keeping a value; it turns itself on again when nobody renews it.
 */
export function createHintSwitch(databaseUrl: string, lifetimeMs: number): HintSwitch {
  const connection = createSwitchConnection(databaseUrl);
  let offUntilMs = 0;
  let turning: Promise<void> | null = null;
  const turn = async (): Promise<void> => {
    const wasOff = performance.now() < offUntilMs;
    const startedMs = performance.now();
    await connection.run(TURN_OFF, [OFF_MS]);
    // Where it was off without a break, every value has passed already.
    if (!wasOff) await sleep(lifetimeMs);
    offUntilMs = startedMs + OFF_MS - CLOCK_TOLERANCE_MS;
  };
  return {
    prepare: connection.prepare,
    close: connection.close,
    isOff: () => performance.now() < offUntilMs - TRANSACTION_MS,
    turnOff: () => {
      turning ??= turn().finally(() => {
        turning = null;
      });
      return turning;
    },
  };
}
