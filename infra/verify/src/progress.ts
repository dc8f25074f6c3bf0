import type { CheckResult, Progress } from './verify.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const CLEAR = '\r\u001b[2K';

/** What somebody who waits is told. */
export interface Reporter {
  onProgress(progress: Progress): void;
  onChecked(result: CheckResult, done: number, total: number): void;
  /** Leaves nothing on the line. */
  end(): void;
}

/** A bar where there is a terminal, a line per check where there is none. */
export function reporterFor(stream: NodeJS.WriteStream, isQuiet: boolean): Reporter {
  if (stream.isTTY) return barOn(stream);
  return {
    onProgress: () => undefined,
    onChecked: ({ id, isOk, durationMs }, done, total) => {
      if (!isQuiet) stream.write(`${done}/${total} ${id} ${isOk ? 'ok' : 'VIOLATED'} ${durationMs} ms\n`);
    },
    end: () => undefined,
  };
}

function barOn(stream: NodeJS.WriteStream): Reporter {
  let drawnAtMs = 0;
  return {
    onProgress: ({ id, done, total, share }) => {
      const nowMs = performance.now();
      if (nowMs - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = nowMs;
      stream.write(`${CLEAR}${bar((done + share) / total)} ${done}/${total} ${id}`.slice(0, CLEAR.length + (stream.columns || 80) - 1));
    },
    onChecked: () => undefined,
    end: () => stream.write(CLEAR),
  };
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}
