import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from './run.ts';

const PLAIN_STEPS = 10;

export interface ShownProgress extends Progress {
  note(text: string): void;
  stop(): void;
}

/** On standard error: a bar for people, a few lines for logs. */
export function showProgress(checkouts: number): ShownProgress {
  return process.stderr.isTTY ? bar(checkouts) : lines(checkouts);
}

function bar(checkouts: number): ShownProgress {
  const format = '{bar} {value}/{total} {stage}';
  const shown = new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true }, Presets.shades_classic);
  shown.start(checkouts, 0, { stage: 'start' });
  return {
    stage: (stage) => shown.update({ stage }),
    note: (stage) => shown.update({ stage }),
    played: (done) => shown.update(done),
    left: (things) => shown.update({ stage: `rest: ${things} under way` }),
    stop: () => shown.stop(),
  };
}

function lines(checkouts: number): ShownProgress {
  const startedMs = performance.now();
  const say = (text: string) => process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  const each = Math.max(1, Math.ceil(checkouts / PLAIN_STEPS));
  return {
    stage: say,
    note: say,
    played: (done) => {
      if (done % each === 0 || done === checkouts) say(`${done} of ${checkouts} checkouts`);
    },
    left: () => undefined,
    stop: () => undefined,
  };
}
