import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { runFaults, runPlanted } from './run.ts';

const program = new Command('faults ledger')
  .description('Money under faults: three ledger processes on one PostgreSQL behind a proxy, and a judge after every round.')
  .option('--rounds <number>', 'rounds to play', '20')
  .option('--seed <number>', 'repeats a schedule')
  .option('--planted', 'plants one bug after the other; each must be caught');
program.parse();
const { rounds, seed, planted = false } = program.opts<{ rounds: string; seed?: string; planted?: boolean }>();
const chosenSeed = seed === undefined ? randomInt(2 ** 31) : Number(seed);
console.log(`seed ${chosenSeed}`);
const report = (line: string): void => console.log(line);
const wrong = planted
  ? (await runPlanted({ seed: chosenSeed, report })).map((name) => `nobody noticed: ${name}`)
  : await runFaults({ rounds: Number(rounds), seed: chosenSeed, report });
for (const line of wrong) console.log(`  ${line}`);
console.log(wrong.length === 0 ? 'All agree.' : `Not all agree: repeat it with --seed ${chosenSeed}.`);
process.exitCode = wrong.length === 0 ? 0 : 1;
