import type { Step } from './stack.ts';

export interface Display {
  readonly step: Step;
  /** Leaves the line that is being drawn. */
  end(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 90;
const TITLE_WIDTH = 12;

/** What the steps of the start look like: one moving line for a terminal, or plain lines for a program. */
export function createDisplay(isPlain: boolean, output: { write(text: string): unknown } = process.stdout): Display {
  const running = new Map<string, string>();
  let frame = 0;
  const draw = () => {
    if (isPlain || running.size === 0) return;
    frame = (frame + 1) % FRAMES.length;
    const line = [...running].map(([title, note]) => (note ? `${title}: ${note}` : title)).join(' · ');
    output.write(`\r\u001b[2K${FRAMES[frame]} ${line.slice(0, (process.stdout.columns ?? 100) - 3)}`);
  };
  const clear = () => {
    if (!isPlain) output.write('\r\u001b[2K');
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();

  const finish = (mark: string, title: string, note: string, startedAt: number) => {
    running.delete(title);
    clear();
    output.write(`${mark} ${title.padEnd(TITLE_WIDTH)} ${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${note}\n`);
  };
  return {
    step: async (title, work) => {
      const startedAt = performance.now();
      running.set(title, '');
      if (isPlain) output.write(`· ${title} …\n`);
      try {
        const result = await work((note) => {
          running.set(title, note);
        });
        finish('✔', title, running.get(title) ?? '', startedAt);
        return result;
      } catch (error) {
        finish('✘', title, 'failed', startedAt);
        throw error;
      }
    },
    end: () => {
      clearInterval(timer);
      if (running.size > 0) clear();
      running.clear();
    },
  };
}
