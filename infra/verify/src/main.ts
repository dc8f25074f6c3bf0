import { resolve } from 'node:path';
import { Command } from 'commander';
import { tableOf } from './table.ts';
import { CannotRun, findDatabases, verify } from './verify.ts';

const VIOLATED = 1;
const CANNOT_RUN = 2;

const program = new Command('verify')
  .description('Proves from the stored rows of all services that money, stock and events are right. Reads only.')
  .option('--data-dir <folder>', 'data folder of a running local stack', '.data')
  .option('--json', 'print the report as JSON')
  .addHelpText('after', '\nExit code 0: everything holds; 1: something is violated; 2: the proof could not be made.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : CANNOT_RUN));

await main(program.parse().opts<{ dataDir: string; json?: boolean }>());

async function main({ dataDir, json }: { readonly dataDir: string; readonly json?: boolean }): Promise<void> {
  try {
    const isInteractive = process.stderr.isTTY && !json;
    const report = await verify(findDatabases(process.env, resolve(dataDir)), ({ id }, done, total) => {
      if (isInteractive) process.stderr.write(`\r\u001b[2K${done}/${total} ${id}${done === total ? '\r\u001b[2K' : ''}`);
    });
    console.log(json ? JSON.stringify(report, null, 2) : tableOf(report));
    process.exitCode = report.isOk ? 0 : VIOLATED;
  } catch (error) {
    console.error(error instanceof CannotRun ? `verify cannot run: ${error.message}` : error);
    process.exitCode = CANNOT_RUN;
  }
}
