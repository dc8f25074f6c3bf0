import { Command, InvalidArgumentError } from 'commander';

export interface StartOptions {
  readonly port: number;
  readonly dataDir: string | undefined;
  readonly isEphemeral: boolean;
  readonly hasSeed: boolean;
  /** Output for programs: no colours, no moving lines. */
  readonly isPlain: boolean;
}

const DEFAULT_PORT = 4_000;

/** Reads the command line of `npm start -- …`; prints help and ends the process where asked for it or where it is wrong. */
export function readStartOptions(argv: readonly string[]): StartOptions {
  const command = new Command('npm start --')
    .description('Starts the whole platform on this machine: stores, five subgraphs and the gateway, with seeded data.')
    .option('--port <number>', 'port of the gateway; the next free one when it is taken, 0 for any', parsePort, DEFAULT_PORT)
    .option('--data-dir <folder>', 'where data, logs and secrets are kept (default: .data in the checkout)')
    .option('--ephemeral', 'keep nothing: data in a temporary folder that goes with the stack', false)
    .option('--no-seed', 'start with an empty platform')
    .option('--plain', 'lines for a program instead of a moving display', !process.stdout.isTTY)
    .addHelpText('after', '\nOther commands: npm run doctor, demo, verify, seed, events, token, reset.');
  command.parse([...argv]);
  const { port, dataDir, ephemeral, seed, plain } = command.opts<{
    port: number;
    dataDir?: string;
    ephemeral: boolean;
    seed: boolean;
    plain: boolean;
  }>();
  if (ephemeral && dataDir) command.error('error: --ephemeral keeps nothing, so --data-dir makes no sense beside it.');
  return { port, dataDir, isEphemeral: ephemeral, hasSeed: seed, isPlain: plain };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  return port;
}
