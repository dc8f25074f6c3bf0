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
    (await import('./gateway/bench-gateway.ts')).benchGateway({ isQuick: quick, only }),
  payments: async ({ quick = false }: Options): Promise<boolean> => (await import('./payments/bench.ts')).benchPayments(quick),
} as const;

/** What each measures alone where it is named. */
const PARTS: Readonly<Record<keyof typeof suites, readonly string[]>> = {
  ledger: ['L1', 'L2', 'L2b', 'L3'],
  gateway: ['nested', 'own'],
  payments: [],
};

const program = new Command('bench')
  .description('Measures a part of the platform beside its peers, in one run, and proves the data right afterwards.')
  .argument('<suite>', Object.keys(suites).join(', '))
  .option('--quick', 'shorter rounds')
  .option('--large', 'ledger: with ten million transfers, which take a while to make')
  .option('--only <parts...>', 'ledger: of L1 (with L1h, L1f, L1q and L1qa), L2, L2b and L3; gateway: nested or own')
  .option('--profile <folder>', 'ledger: leaves a profile of the stack behind the gateway there');
program.parse();
const [suite = ''] = program.args;
if (!Object.hasOwn(suites, suite)) program.error(`No such suite: ${suite}. There are ${Object.keys(suites).join(', ')}.`);
const chosen = suite as keyof typeof suites; // checked above
const options = program.opts<Options>();
const stranger = options.only?.find((part) => !PARTS[chosen].includes(part));
if (stranger !== undefined)
  program.error(`${suite} cannot measure ${stranger} alone: --only takes ${PARTS[chosen].join(', ') || 'nothing'} there.`);
process.exitCode = (await suites[chosen](options)) ? 0 : 1;
