/** How exact time bounds are. */
const TICK_MS = 50;

export interface Deadline {
  /** By `performance.now()`. */
  readonly until: number;
  expire(): void;
}

/** Many time bounds of which nearly none is ever reached: one clock for all, and one entry in a set for each. */
class Deadlines {
  private readonly running = new Set<Deadline>();
  private clock: NodeJS.Timeout | null = null;

  add(deadline: Deadline): void {
    this.running.add(deadline);
    this.clock ??= setInterval(() => this.tick(), TICK_MS);
  }

  delete(deadline: Deadline): void {
    this.running.delete(deadline);
  }

  private tick(): void {
    const now = performance.now();
    for (const deadline of this.running) {
      if (deadline.until > now) continue;
      this.running.delete(deadline);
      deadline.expire();
    }
    if (this.running.size > 0 || !this.clock) return;
    clearInterval(this.clock);
    this.clock = null;
  }
}

export const deadlines = new Deadlines();
