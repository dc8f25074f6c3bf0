import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { endOnSignals, INTERRUPTED } from '../end-on-signals.ts';
import { beginWorld } from '../world/world.ts';
import { showProgress } from './progress.ts';
import { type RunReport, run } from './run.ts';
import { tableOf } from './table.ts';

const CHECKOUTS = 500;
const QUICK_CHECKOUTS = 60;
const MAX_CHECKOUTS = 5_000;
const MAX_SEED = 1_000_000;
const BUYERS = 8;
const PACE = { orderDeadlineMs: 25_000, providerTimeoutMs: 3_000 };
const QUICK_PACE = { orderDeadlineMs: 14_000, providerTimeoutMs: 2_000 };
const DISAGREES = 1;
const CANNOT_RUN = 2;

interface Options {
  readonly checkouts?: number;
  readonly seed?: number;
  readonly quick?: boolean;
  readonly kill?: boolean;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly faults: boolean;
}

export function paymentsCommand(): Command {
  return new Command('payments')
    .description('Card checkouts while the provider loses answers, fails, repeats itself and goes away; then all books are compared.')
    .option('--checkouts <number>', `how many (default ${CHECKOUTS}, quick ${QUICK_CHECKOUTS})`, upTo(MAX_CHECKOUTS))
    .option('--seed <number>', 'repeats the decisions of an earlier run', upTo(MAX_SEED))
    .option('--quick', 'fewer checkouts, shorter deadlines: a minute')
    .option('--kill', 'also kills payments without warning, several times, and starts it again')
    .option('--no-faults', 'the same load without faults')
    .option('--json', 'the report as JSON on standard output')
    .option('--keep', 'data and logs stay behind')
    .addHelpText('after', '\nExit code 0: all agree; 1: something does not; 2: the run could not be made.')
    .action(play);
}

async function play(options: Options): Promise<void> {
  const seed = options.seed ?? randomInt(MAX_SEED);
  const checkouts = options.checkouts ?? (options.quick ? QUICK_CHECKOUTS : CHECKOUTS);
  const startedMs = performance.now();
  const again = `npm run faults -- payments --checkouts ${checkouts} --seed ${seed}${flagsOf(options)}`;
  process.stderr.write(`Seed ${seed}. To repeat: ${again}\n`);
  const progress = showProgress(checkouts);
  progress.stage('start');
  const pace = options.quick ? QUICK_PACE : PACE;
  const beginning = beginWorld({ seed, buyers: BUYERS, pace, keep: options.keep ?? false, note: progress.note });
  const interruption = endOnSignals(() => beginning.end());
  try {
    const world = await beginning.started;
    if (options.keep) process.stderr.write(`Data and logs: ${world.dataDir}\n`);
    const report = await run(world, { seed, checkouts, hasFaults: options.faults, hasKills: options.kill ?? false, progress });
    progress.stop();
    tell(report, performance.now() - startedMs, options.json ?? false);
    process.exitCode = report.isOk ? 0 : DISAGREES;
  } catch (error) {
    progress.stop();
    if (!interruption.isInterrupted()) console.error(error);
    process.exitCode = CANNOT_RUN;
  }
  await beginning.end();
  process.exit(interruption.isInterrupted() ? INTERRUPTED : undefined); // sockets of the clients may linger
}

function tell(report: RunReport, durationMs: number, isJson: boolean): void {
  console.log(isJson ? jsonOf(report, durationMs) : tableOf(report, durationMs));
}

/** With what every checkout came to, and the history of its payment. */
function jsonOf({ facts, ...report }: RunReport, durationMs: number): string {
  const outcomes = report.played.map((one) => {
    const { orderId } = one;
    return { ...one, order: facts.orders.get(orderId ?? '') ?? null, payment: facts.payments.get(orderId ?? '') ?? null };
  });
  const plain = { ...report, durationMs: Math.round(durationMs), played: outcomes };
  return JSON.stringify(plain, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2);
}

function flagsOf({ quick, kill, faults }: Options): string {
  return [quick && ' --quick', kill && ' --kill', !faults && ' --no-faults'].filter(Boolean).join('');
}

function upTo(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${max}`);
  };
}
