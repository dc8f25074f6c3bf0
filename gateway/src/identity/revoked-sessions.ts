const MAX_REMEMBERED = 100_000;
/** Longer than an access token lives. */
const REMEMBERED_MS = 20 * 60_000;

/** Sessions that ended before their access tokens did. Kept in memory: a restarted gateway may believe such a token for its last minutes. */
export class RevokedSessions {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(sessionId: string): void {
    this.#until.delete(sessionId);
    this.#until.set(sessionId, this.#now() + REMEMBERED_MS);
    for (const [oldest, until] of this.#until) {
      if (until > this.#now() && this.#until.size <= MAX_REMEMBERED) break;
      this.#until.delete(oldest);
    }
  }

  has(sessionId: string): boolean {
    return (this.#until.get(sessionId) ?? 0) > this.#now();
  }
}
