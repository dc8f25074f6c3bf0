/** Rules of the inbox of webhooks: how long an event about something unknown is kept waiting. Plain data in, decision out. */

export type WebhookState = 'RECEIVED' | 'PARKED' | 'DONE' | 'IGNORED' | 'DEAD';

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 600_000;
/** An event that overtakes our own answer waits for seconds; a day covers whatever else may be slow, or down. */
const GIVE_UP_AFTER_MS = 86_400_000;

/**
 * When to look again for something that is not known (yet): waits as long again as it has waited, from a second up to ten minutes, so that
 * what comes soon is found soon. @returns null when it has waited long enough
 */
export function nextLook(since: Date, now: Date): Date | null {
  const waitedMs = Math.max(now.getTime() - since.getTime(), 0);
  if (waitedMs >= GIVE_UP_AFTER_MS) return null;
  return new Date(now.getTime() + Math.min(Math.max(waitedMs, FIRST_WAIT_MS), MAX_WAIT_MS));
}
