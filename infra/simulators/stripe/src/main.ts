import { parseArgs } from 'node:util';
import { type SimulatorOptions, startSimulator } from './simulator.ts';

const DEFAULT_PORT = 12_111;

const HELP = `A stand-in for Stripe.

  node src/main.ts [--port 12111] [--seed 1] [--data-file FILE]
                   [--webhook-url URL --webhook-secret SECRET] [--retry-delays-ms 100,1000]

Each can be a variable as well: STRIPE_SIMULATOR_PORT, _SEED, _DATA_FILE, _WEBHOOK_URL, _WEBHOOK_SECRET, _RETRY_DELAYS_MS.
SIGTERM and Ctrl-C end it in order.
`;

const NAMES = ['port', 'seed', 'data-file', 'webhook-url', 'webhook-secret', 'retry-delays-ms'] as const;
type Name = (typeof NAMES)[number];

/** @throws Error with what is wrong, for a flag or a value that cannot be */
export function readOptions(argv: readonly string[], environment: NodeJS.ProcessEnv): SimulatorOptions | 'HELP' {
  const options = { ...Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }])), help: { type: 'boolean' as const } };
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help) return 'HELP';
  const textOf = (name: Name): string | undefined => {
    const flag: unknown = (values as Readonly<Record<string, unknown>>)[name]; // every name is an option
    return typeof flag === 'string' ? flag : environment[`STRIPE_SIMULATOR_${name.toUpperCase().replaceAll('-', '_')}`] || undefined;
  };
  const [seed, dataFile, url, secret, delays] = (['seed', 'data-file', 'webhook-url', 'webhook-secret', 'retry-delays-ms'] as const).map(
    textOf,
  );
  if ((url === undefined) !== (secret === undefined)) throw new Error('Give --webhook-url and --webhook-secret together.');
  return {
    port: wholeNumber('port', textOf('port') ?? String(DEFAULT_PORT)),
    ...(seed !== undefined && { seed: wholeNumber('seed', seed) }),
    ...(dataFile !== undefined && { dataFile }),
    ...(url !== undefined && secret !== undefined && { webhook: { url, secret } }),
    ...(delays !== undefined && { retryDelaysMs: delays.split(',').map((delay) => wholeNumber('retry-delays-ms', delay)) }),
  };
}

function wholeNumber(name: Name, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, not '${text}'.`);
  return Number(text);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'HELP') {
    console.log(HELP);
    return;
  }
  const simulator = await startSimulator(options);
  console.log(`Stripe simulator: ${simulator.url}  (secret key ${simulator.secretKey})`);
  const end = () => void simulator.close();
  process.once('SIGTERM', end).once('SIGINT', end);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
