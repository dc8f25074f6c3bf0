import { createDisplay } from './display.ts';
import { LocalError, messageOf } from './errors.ts';
import { readStartOptions } from './options.ts';
import { type Stack, startStack } from './stack.ts';
import { summaryOf } from './summary.ts';

// `npm start`: everything on this machine in one process. Ends in order at Ctrl-C, SIGTERM, or when a store dies.

const CLOSE_TIMEOUT_MS = 60_000;
const LEFT_OVER = 'The next start stops what is left over and recovers; "npm run doctor" shows it.';

const options = readStartOptions(process.argv);
const display = createDisplay(options.isPlain);
const startedAt = performance.now();
let isStopping = false;

process.on('SIGINT', () => void stop('Stopping …', 0)).on('SIGTERM', () => void stop('Stopping …', 0));

/** A stop that comes during the start takes effect between two steps: what has begun is ended in order. */
const starting = startStack(options, process.env, (title, work) => {
  if (isStopping) throw new LocalError('START_STOPPED', 'The start was stopped.');
  return display.step(title, work);
});
starting.then(welcome, refuse);

function welcome(stack: Stack): void {
  if (isStopping) return;
  process.stdout.write(summaryOf(stack, options, performance.now() - startedAt));
  void stack.stores.crashed.then((how) => stop(`A store has ended: ${how}. Its log is in ${stack.layout.logsDir}.`, 1));
}

function refuse(error: unknown): void {
  if (isStopping) return;
  display.end();
  // ConfigError is told by name: its class is loaded with the services, after the build.
  process.stderr.write(
    error instanceof LocalError || (error instanceof Error && error.name === 'ConfigError')
      ? `\n${error.message}\n`
      : `\nThe start failed: ${messageOf(error)}\n${stackOf(error)}\nTry "npm run doctor".\n`,
  );
  process.exit(1);
}

async function stop(reason: string, exitCode: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  display.end();
  process.stdout.write(`\n${reason}\n`);
  setTimeout(giveUp, CLOSE_TIMEOUT_MS).unref();
  try {
    await (await starting).close();
  } catch (error) {
    if (error instanceof LocalError && error.code === 'START_STOPPED') process.exit(exitCode);
    process.stderr.write(`Not everything could be ended in order: ${messageOf(error)}\n${LEFT_OVER}\n`);
    process.exit(1);
  }
  process.stdout.write('Everything has ended; your data is kept unless it was ephemeral.\n');
  process.exit(exitCode);
}

function giveUp(): void {
  process.stderr.write(`Not everything ended within ${CLOSE_TIMEOUT_MS / 1_000} s.\n${LEFT_OVER}\n`);
  process.exit(1);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}
