/** Of the writes that wait for each other; nobody waits for longer than it takes to answer as many. */
const MAX_WAITING = 256;

let waiting: (() => void)[] = [];

/**
 * Runs `write`, which must not throw, as soon as everything that has arrived by now was looked at. A write wakes whoever reads at the other end:
 * while that one sleeps, waking it costs several times what the write does. Writes that leave together wake it once, and a request on its own
 * does not wait for anything.
 */
export function atEndOfTurn(write: () => void): void {
  const count = waiting.push(write);
  if (count === 1) setImmediate(writeAll);
  else if (count >= MAX_WAITING) writeAll();
}

function writeAll(): void {
  const writes = waiting;
  waiting = [];
  for (const write of writes) write();
}
