<<<<<<< HEAD
import { Command } from 'commander';

const suites = {
  ledger: async (isQuick: boolean) => (await import('./ledger/bench.ts')).benchLedger(isQuick),
} as const;

const program = new Command('bench')
  .description('Measures a part of the platform beside its peers, in one run, and proves the data right afterwards.')
  .argument('<suite>', Object.keys(suites).join(', '))
  .option('--quick', 'shorter rounds');
program.parse();
const [suite = ''] = program.args;
const { quick = false } = program.opts<{ quick?: boolean }>();
if (!Object.hasOwn(suites, suite)) program.error(`No such suite: ${suite}. There are ${Object.keys(suites).join(', ')}.`);
process.exitCode = (await suites[suite as keyof typeof suites](quick)) ? 0 : 1; // checked above
=======
import { parseArgs } from 'node:util';
import { benchGateway } from './gateway/bench-gateway.ts';

/** `npm run bench -- gateway [--quick]`. */
const { positionals, values } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false } } });
const [name] = positionals;
if (name === 'gateway') await benchGateway({ isQuick: values.quick });
else {
  process.stderr.write('Say what to measure: gateway.\n');
  process.exitCode = 2;
}
>>>>>>> 83e6b93 (feat(gateway): required arguments apart, lean fetches, entities once)
