const NAMED = new Set(['level', 'time', 'service', 'msg', 'err']);
const CLOCK = { from: 11, to: 23 };

/** Turns pino's JSON lines into `09:30:00.000 WARN orders relay is late ageMs=1200`, with the stack of an error below. */
export function prettyStream(destination: { write(line: string): void }): { write(line: string): void } {
  return { write: (line) => void destination.write(`${prettyLine(line)}\n`) };
}

function prettyLine(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>; // pino's own output
  const facts = Object.entries(entry)
    .filter(([key]) => !NAMED.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = [String(entry.time).slice(CLOCK.from, CLOCK.to), String(entry.level).toUpperCase(), entry.service, entry.msg];
  return [...head, ...facts].filter((part) => part !== undefined).join(' ') + stackOf(entry.err);
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  return `\n  ${String(stack ?? message).replaceAll('\n', '\n  ')}`;
}
