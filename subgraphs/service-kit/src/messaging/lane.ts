import type { Envelope, StreamName } from '@tessera/schema/contract';
import type { StreamEntry } from './stream.ts';
import { backoffMs, createBell, pause } from './timing.ts';

/** Entries that wait in memory; from the high mark on, the stream is not read further. */
export const HIGH_MARK = 200;
const IDLE_WAIT_MS = 5_000;
/** A place that cannot be read is read again so many times, its writer being asked for it now and then: about half a minute in all. */
const MAX_REREADS = 12;
const ASK_EVERY = 4;
const REREAD_BASE_MS = 100;
const REREAD_CAP_MS = 5_000;

export interface LaneWork {
  handles(type: string): boolean;
  /** Deals with the event for good, position included. */
  deliver(event: Envelope): Promise<void>;
  /** Stores that all up to this position is done. */
  move(position: number): Promise<void>;
  /** Asks the writer of the stream for its entries from this position on. */
  ask(fromPosition: number): Promise<void>;
  /** Files the places as missing and stores that they are passed over. */
  fileGap(from: number, to: number, rereads: number, raw: string): Promise<void>;
}

/** The events of one stream, strictly one after the other. Other streams go on while one waits. */
export interface Lane {
  readonly stream: StreamName;
  /** Where the next read starts; null while there is enough to do, or while a reread waits. */
  cursor(): number | null;
  /** Entries that were read behind `cursor`; of no use once the lane has turned back. */
  push(cursor: number, entries: readonly StreamEntry[]): void;
  /** Goes back after the entry in hand, once `commit` has stored that; what follows is read again. */
  rewind(position: number, commit: () => Promise<void>): void;
  run(signal: AbortSignal): Promise<void>;
}

export function createLane(stream: StreamName, startPosition: number, work: LaneWork, rereadBaseMs = REREAD_BASE_MS): Lane {
  const bell = createBell();
  let position = startPosition;
  let storedPosition = startPosition;
  let cursor = startPosition;
  let queue: StreamEntry[] = [];
  let rereads = 0;
  let isResting = false;
  let rewinding: { readonly to: number; readonly commit: () => Promise<void> } | undefined;

  function turnBack(to: number): void {
    position = to;
    cursor = to;
    queue = [];
  }

  async function take(entry: StreamEntry, signal: AbortSignal): Promise<void> {
    if (!entry.event || entry.position !== position + 1) return reread(entry, signal);
    const isHandled = work.handles(entry.event.type);
    if (isHandled) await work.deliver(entry.event);
    rereads = 0;
    position = entry.position;
    if (isHandled) storedPosition = position;
  }

  /** Positions have no gaps and one writer, so this is Redis having lost or trimmed entries, or somebody else having written here. */
  async function reread(entry: StreamEntry, signal: AbortSignal): Promise<void> {
    rereads += 1;
    if (rereads > MAX_REREADS) return passOver(entry);
    isResting = true;
    turnBack(position);
    if (rereads % ASK_EVERY === 1) await work.ask(position + 1);
    await pause(backoffMs(rereads, rereadBaseMs, REREAD_CAP_MS), signal);
    isResting = false;
  }

  async function passOver(entry: StreamEntry): Promise<void> {
    const isGap = entry.event !== null && entry.position > position + 1;
    const to = isGap ? entry.position - 1 : entry.position;
    if (to > position) await work.fileGap(position + 1, to, rereads, isGap ? '' : entry.raw);
    position = Math.max(position, to);
    storedPosition = position;
    rereads = 0;
    if (isGap) queue.unshift(entry);
  }

  async function goBack({ to, commit }: NonNullable<typeof rewinding>): Promise<void> {
    rewinding = undefined;
    await commit();
    if (to >= position) return;
    turnBack(to);
    storedPosition = to;
  }

  async function storeProgress(): Promise<void> {
    if (storedPosition >= position) return;
    const reached = position;
    await work.move(reached);
    storedPosition = reached;
  }

  return {
    stream,
    cursor: () => (isResting || queue.length >= HIGH_MARK ? null : cursor),
    push(from, entries) {
      const last = entries.at(-1);
      if (from !== cursor || isResting || !last) return;
      queue.push(...entries);
      cursor = last.position;
      bell.ring();
    },
    rewind(to, commit) {
      rewinding = { to, commit };
      bell.ring();
    },
    async run(signal) {
      signal.addEventListener('abort', () => bell.ring(), { once: true });
      while (!signal.aborted) {
        if (rewinding) await goBack(rewinding);
        const entry = queue.shift();
        if (entry) await take(entry, signal);
        else {
          await storeProgress();
          await bell.wait(IDLE_WAIT_MS);
        }
      }
    },
  };
}
