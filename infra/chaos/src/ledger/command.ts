import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { endOnSignals } from '../end-on-signals.ts';
import { runFaults, runPlanted } from './run.ts';
import type { World } from './world.ts';

const DEFAULT_ROUNDS = 20;
const DISAGREES = 1;

interface Options {
  readonly rounds: number;
  readonly seed?: number;
  readonly planted?: boolean | string;
}

/** `npm run faults -- ledger`: transfers against processes that die, connections that are cut and a PostgreSQL that stops. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('Money under faults: three ledger processes on one PostgreSQL behind a proxy, and a judge after every round.')
    .option('--rounds <number>', 'rounds to play', wholeNumber, DEFAULT_ROUNDS)
    .option('--seed <number>', 'repeats a schedule', wholeNumber)
    .option('--planted [words]', 'plants one bug after the other, or those whose name has these words; each must be caught')
    .action(play);
}

async function play({ rounds, seed = randomInt(2 ** 31), planted = false }: Options): Promise<void> {
  console.log(`seed ${seed}`);
  let end = async (): Promise<void> => undefined;
  const interruption = endOnSignals(() => end());
  const common = {
    seed,
    report: (line: string): void => console.log(line),
    onStarted: (world: World): void => {
      end = world.close;
    },
  };
  try {
    const wrong = planted
      ? (await runPlanted({ ...common, words: planted === true ? '' : planted })).map((name) => `nobody noticed: ${name}`)
      : await runFaults({ ...common, rounds });
    if (interruption.isInterrupted()) return;
    for (const line of wrong) console.log(`  ${line}`);
    console.log(wrong.length === 0 ? 'All agree.' : `Not all agree: repeat it with --seed ${seed}.`);
    process.exitCode = wrong.length === 0 ? 0 : DISAGREES;
  } catch (error) {
    if (!interruption.isInterrupted()) throw error;
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 is needed');
  return Number(text);
}
