import { Command } from 'commander';

interface Options {
  readonly isQuick: boolean;
  readonly isLarge: boolean;
  readonly only: string | undefined;
}

/** Each answers whether what it holds against itself held. */
const suites = {
  ledger: async ({ isQuick, isLarge }: Options): Promise<boolean> =>
    isLarge ? (await import('./ledger/large.ts')).benchLargeLedger(isQuick) : (await import('./ledger/bench.ts')).benchLedger(isQuick),
  gateway: async ({ isQuick, only }: Options): Promise<boolean> =>
    (await import('./gateway/bench-gateway.ts')).benchGateway({ isQuick, only }),
  payments: async ({ isQuick }: Options): Promise<boolean> => (await import('./payments/bench.ts')).benchPayments(isQuick),
} as const;

const program = new Command('bench')
  .description('Measures a part of the platform beside its peers, in one run, and proves the data right afterwards.')
  .argument('<suite>', Object.keys(suites).join(', '))
  .option('--quick', 'shorter rounds')
  .option('--only <workload>', 'gateway: nested or own; bars of the other are left out')
  .option('--large', 'ledger: with ten million transfers, which take a while to make');
program.parse();
const [suite = ''] = program.args;
const { quick: isQuick = false, large: isLarge = false, only } = program.opts<{ quick?: boolean; large?: boolean; only?: string }>();
if (!Object.hasOwn(suites, suite)) program.error(`No such suite: ${suite}. There are ${Object.keys(suites).join(', ')}.`);
process.exitCode = (await suites[suite as keyof typeof suites]({ isQuick, isLarge, only })) ? 0 : 1; // checked above
