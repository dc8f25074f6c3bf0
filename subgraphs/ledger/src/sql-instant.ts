const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** An instant as PostgreSQL reads it: beyond the years of four digits JavaScript writes what PostgreSQL refuses, and nothing ever moved. */
export function sqlInstant(time: Date): string {
  return new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, time.getTime()))).toISOString();
}
