import { Command } from 'commander';

/** Each answers whether what it holds against itself held. */
const suites = {
  ledger: async (isQuick: boolean, isLarge: boolean): Promise<boolean> =>
    isLarge ? (await import('./ledger/large.ts')).benchLargeLedger(isQuick) : (await import('./ledger/bench.ts')).benchLedger(isQuick),
  gateway: async (isQuick: boolean): Promise<boolean> => (await import('./gateway/bench-gateway.ts')).benchGateway({ isQuick }),
  payments: async (isQuick: boolean): Promise<boolean> => (await import('./payments/bench.ts')).benchPayments(isQuick),
} as const;

const program = new Command('bench')
  .description('Measures a part of the platform beside its peers, in one run, and proves the data right afterwards.')
  .argument('<suite>', Object.keys(suites).join(', '))
  .option('--quick', 'shorter rounds')
  .option('--large', 'ledger: with ten million transfers, which take a while to make');
program.parse();
const [suite = ''] = program.args;
const { quick = false, large = false } = program.opts<{ quick?: boolean; large?: boolean }>();
if (!Object.hasOwn(suites, suite)) program.error(`No such suite: ${suite}. There are ${Object.keys(suites).join(', ')}.`);
process.exitCode = (await suites[suite as keyof typeof suites](quick, large)) ? 0 : 1; // checked above
