import type { Viewer } from '@tessera/service-kit/identity';

const MAX_PER_ADDRESS = 100;

export interface Closable {
  close(code: number, reason: string): void;
}

interface Entry {
  readonly socket: Closable;
  viewer: Viewer | null;
}

/** Which sockets are open and whose they are: limits per user, and closing those of a session that ended. */
export class SocketRegistry {
  readonly #entries = new Set<Entry>();
  /** Sockets by owner: a herd that comes back must not be counted one by one for each of its members. */
  readonly #counts = new Map<string, number>();
  readonly #perUser: number;

  constructor(perUser: number) {
    this.#perUser = perUser;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Call `identify` at most once, and `remove` when the socket is gone. */
  add(socket: Closable): { identify(viewer: Viewer): boolean; remove(): void } {
    const entry: Entry = { socket, viewer: null };
    this.#entries.add(entry);
    return {
      /** False when this user has too many; the socket then stays nobody's. */
      identify: (viewer) => {
        const maximum = viewer.userId ? this.#perUser : MAX_PER_ADDRESS;
        if ((this.#counts.get(ownerOf(viewer)) ?? 0) >= maximum) return false;
        entry.viewer = viewer;
        this.#count(viewer, 1);
        return true;
      },
      remove: () => {
        if (this.#entries.delete(entry) && entry.viewer) this.#count(entry.viewer, -1);
      },
    };
  }

  closeWhere(matches: (viewer: Viewer) => boolean, code: number, reason: string): void {
    for (const { socket, viewer } of [...this.#entries]) if (viewer && matches(viewer)) socket.close(code, reason);
  }

  /** All of them, spread over a time, so that clients do not come back as one. */
  async closeAll(code: number, reason: string, overMs: number): Promise<void> {
    const open = [...this.#entries];
    const delayMs = open.length > 1 ? overMs / open.length : 0;
    for (const { socket } of open) {
      socket.close(code, reason);
      if (delayMs >= 1) await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }

  #count(viewer: Viewer, change: 1 | -1): void {
    const owner = ownerOf(viewer);
    const count = (this.#counts.get(owner) ?? 0) + change;
    if (count > 0) this.#counts.set(owner, count);
    else this.#counts.delete(owner);
  }
}

function ownerOf(viewer: Viewer): string {
  return viewer.userId ? viewer.principal : `address:${viewer.clientAddress}`;
}
