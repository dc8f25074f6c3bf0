/** How exact time bounds are. */
const TICK_MS = 50;

export interface Deadline {
  /** By `performance.now()`. */
  readonly until: number;
  /** Kept here; -1 while nobody waits for it. */
  place: number;
  expire(): void;
}

/** Many time bounds of which nearly none is ever reached: one clock for all, and one place in a list for each. */
class Deadlines {
  private readonly running: Deadline[] = [];
  private clock: NodeJS.Timeout | null = null;

  add(deadline: Deadline): void {
    deadline.place = this.running.push(deadline) - 1;
    this.clock ??= setInterval(() => this.tick(), TICK_MS);
  }

  /** May be called twice. */
  delete(deadline: Deadline): void {
    const { place } = deadline;
    if (place < 0) return;
    deadline.place = -1;
    const last = this.running.pop();
    if (!last || last === deadline) return;
    this.running[place] = last;
    last.place = place;
  }

  private tick(): void {
    const now = performance.now();
    for (const deadline of this.running.filter(({ until }) => until <= now)) {
      this.delete(deadline);
      deadline.expire();
    }
    if (this.running.length > 0 || !this.clock) return;
    clearInterval(this.clock);
    this.clock = null;
  }
}

export const deadlines = new Deadlines();
