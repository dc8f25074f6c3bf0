import { type EntityManager, sqlState } from '../persistence/index.ts';
import type { CommittedEvent } from './event.ts';
import { receivedAmong } from './inbox.ts';
import { isTransient, STATEMENT_TIMEOUT } from './transient.ts';

/** The newest events that this process has dealt with: most questions need no query. */
const MAX_REMEMBERED = 4_096;
const POLL_BASE_MS = 2;
const POLL_CAP_MS = 50;
const POLL_GROWTH = 1.5;

export interface ReceivedEvents {
  add(id: string): void;
  /** True once the inbox holds all of these ids; false when `timeoutMs` passed first. */
  waitFor(ids: readonly string[], timeoutMs: number): Promise<boolean>;
}

/**
 * Knows what has been received: at once what this process did itself, by polling the inbox what the consumer of another process did.
 */
export function createReceivedEvents(fork: () => EntityManager): ReceivedEvents {
  const remembered = new Set<string>();
  const listeners = new Set<() => void>();

  /** Asks the inbox, but waits for its answer no longer than `leftMs`. */
  async function missingFrom(ids: readonly string[], leftMs: number): Promise<readonly string[]> {
    const unknown = ids.filter((id) => !remembered.has(id));
    if (unknown.length === 0) return unknown;
    const answered = new AbortController();
    const asking = receivedAmong(fork(), unknown).catch(noneWhileDown);
    const waiting = remembering(unknown, leftMs, answered.signal).then((): string[] => []);
    const received = new Set(await Promise.race([asking, waiting]).finally(() => answered.abort()));
    return unknown.filter((id) => !received.has(id) && !remembered.has(id));
  }

  /** Resolves when this process has received them all, after `delayMs`, or when the signal aborts. */
  function remembering(ids: readonly string[], delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      signal?.addEventListener('abort', end, { once: true });
      const look = (): void => {
        if (ids.every((id) => remembered.has(id))) end();
      };
      const timer = setTimeout(end, delayMs);
      listeners.add(look);
      look(); // what came while the inbox was being asked
    });
  }

  return {
    add(id) {
      remembered.add(id);
      if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.values().next().value ?? id);
      for (const listener of listeners) listener();
    },
    async waitFor(ids, timeoutMs) {
      const deadlineMs = performance.now() + timeoutMs;
      let missing = await missingFrom(ids, timeoutMs);
      for (let delayMs = POLL_BASE_MS; missing.length > 0; delayMs = Math.min(POLL_CAP_MS, delayMs * POLL_GROWTH)) {
        const leftMs = deadlineMs - performance.now();
        if (leftMs <= 0) return false;
        await remembering(missing, Math.min(delayMs, leftMs));
        missing = await missingFrom(missing, Math.max(0, deadlineMs - performance.now()));
      }
      return true;
    },
  };
}

export function idsOf(events: readonly CommittedEvent[], handles: (type: string) => boolean): string[] {
  return events.filter(({ type }) => handles(type)).map(({ id }) => id);
}

/** A reader that waits to see its own write gets an older answer rather than an error. */
function noneWhileDown(error: unknown): string[] {
  if (isTransient(error) || sqlState(error) === STATEMENT_TIMEOUT) return [];
  throw error;
}
