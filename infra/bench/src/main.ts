import { Command } from 'commander';

interface Options {
  readonly quick?: boolean;
  readonly large?: boolean;
  readonly only?: readonly string[];
  readonly profile?: string;
}

/** Each answers whether what it holds against itself held. */
const suites = {
  ledger: async ({ quick = false, large = false, only, profile }: Options): Promise<boolean> => {
    if (large) return (await import('./ledger/large.ts')).benchLargeLedger(quick);
    return (await import('./ledger/bench.ts')).benchLedger({ isQuick: quick, only, profileFolder: profile });
  },
  gateway: async ({ quick = false, only }: Options): Promise<boolean> =>
    (await import('./gateway/bench-gateway.ts')).benchGateway({ isQuick: quick, only: only?.[0] }),
  payments: async ({ quick = false }: Options): Promise<boolean> => (await import('./payments/bench.ts')).benchPayments(quick),
} as const;

const program = new Command('bench')
  .description('Measures a part of the platform beside its peers, in one run, and proves the data right afterwards.')
  .argument('<suite>', Object.keys(suites).join(', '))
  .option('--quick', 'shorter rounds')
  .option('--large', 'ledger: with ten million transfers, which take a while to make')
  .option('--only <ids...>', 'ledger: only these of L1 (with L1h, L1f and L1q), L2, L2b and L3; gateway: nested or own')
  .option('--profile <folder>', 'ledger: leaves a profile of the stack behind the gateway there');
program.parse();
const [suite = ''] = program.args;
if (!Object.hasOwn(suites, suite)) program.error(`No such suite: ${suite}. There are ${Object.keys(suites).join(', ')}.`);
process.exitCode = (await suites[suite as keyof typeof suites](program.opts<Options>())) ? 0 : 1; // checked above
