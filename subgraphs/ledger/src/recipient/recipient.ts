/** Rules of finding a recipient. */

export const MAX_MISSES = 20;
export const MISS_WINDOW_MS = 3_600_000;

/** Handles are looked up without regard to case; a leading @ is how people write them. */
export function handleKeyOf(handle: string): string {
  return handle.normalize('NFC').trim().replace(/^@/, '').toLowerCase();
}

export interface MissWindow {
  readonly startedAt: Date;
  readonly misses: number;
}

/** How long the sender must wait before looking anybody up again; 0 while there are misses left in the hour. */
export function waitMs(window: MissWindow | null, now: Date): number {
  if (!window || window.misses < MAX_MISSES) return 0;
  return Math.max(0, window.startedAt.getTime() + MISS_WINDOW_MS - now.getTime());
}
