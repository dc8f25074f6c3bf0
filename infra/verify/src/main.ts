import { resolve } from 'node:path';
import { Command } from 'commander';
import { reporterFor } from './progress.ts';
import { expectWritable, parseSince, readCheckpoint, type Since, writeCheckpoint } from './since.ts';
import { tableOf } from './table.ts';
import { CannotRun, findDatabases, verify } from './verify.ts';

const VIOLATED = 1;
const CANNOT_RUN = 2;

interface Options {
  readonly dataDir: string;
  readonly json?: boolean;
  readonly since?: string;
  readonly checkpoint?: string;
  readonly full?: boolean;
}

const program = new Command('verify')
  .description('Proves from the stored rows of all services that money, stock and events are right. Reads only.')
  .option('--data-dir <folder>', 'data folder of a running local stack', '.data')
  .option('--json', 'print the report as JSON')
  .option('--since <time|seal>', 'prove of the ledger what is newer: 2026-11-27T09:00:00Z, or seal:1234')
  .option('--checkpoint <file>', 'go on where the last pass that held ended, and note in the file where this one ends')
  .option('--full', 'prove everything, also where a checkpoint is there (the default without --since and --checkpoint)')
  .addHelpText('after', '\nExit code 0: everything holds; 1: something is violated; 2: the proof could not be made.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : CANNOT_RUN));

await main(program.parse().opts<Options>());

async function main(options: Options): Promise<void> {
  const reporter = reporterFor(process.stderr, options.json ?? false);
  try {
    const report = await verify(findDatabases(process.env, resolve(options.dataDir)), { since: sinceOf(options), ...reporter });
    reporter.end();
    console.log(options.json ? JSON.stringify(report, null, 2) : tableOf(report));
    if (report.isOk && options.checkpoint && report.ledger.seal) writeCheckpoint(resolve(options.checkpoint), report.ledger.seal);
    process.exitCode = report.isOk ? 0 : VIOLATED;
  } catch (error) {
    reporter.end();
    console.error(error instanceof CannotRun ? `verify cannot run: ${error.message}` : error);
    process.exitCode = CANNOT_RUN;
  }
}

function sinceOf({ since, checkpoint, full = false }: Options): Since | null {
  if (since !== undefined && (full || checkpoint !== undefined))
    throw new CannotRun('--since stands alone: leave out --full and --checkpoint.');
  if (since !== undefined) return parseSince(since);
  if (checkpoint === undefined) return null;
  expectWritable(resolve(checkpoint));
  return full ? null : readCheckpoint(resolve(checkpoint));
}
