import { Command } from 'commander';
import { serviceEnvironment } from './environment.ts';
import { LocalError, messageOf } from './errors.ts';
import { createSubgraphs, startSubgraphs } from './host.ts';
import { resolveLayout } from './layout.ts';
import { openSecrets } from './secrets.ts';
import { seed } from './seed/seed.ts';
import { readState } from './state.ts';

/** `npm run seed`: seeds the stores of the running stack again, beside it; what is there stays as it is. */
const command = new Command('npm run seed --')
  .description('Brings the seeded accounts and products back into the running local stack. Changes nothing that is there.')
  .option('--data-dir <folder>', 'data directory of the stack');
command.parse(process.argv);

try {
  await main(command.opts<{ dataDir?: string }>().dataDir);
} catch (error) {
  process.stderr.write(`${error instanceof LocalError ? error.message : `The seed failed: ${messageOf(error)}`}\n`);
  process.exitCode = 1;
}

async function main(dataDir: string | undefined): Promise<void> {
  const layout = resolveLayout(dataDir ? { dataDir } : {});
  const { databases, redisUrl, smtpUrl } = readState(layout.dataDir);
  const env = serviceEnvironment(
    {
      secrets: openSecrets(layout.secretsFile),
      databases,
      redisUrl,
      smtpUrl,
      gatewayPort: 0,
      subgraphPorts: {},
      logFile: `${layout.logsDir}/seed.log`,
    },
    { ...process.env, PUBLIC_URL: 'http://127.0.0.1:4000' },
  );
  const hosted = await createSubgraphs(env);
  // No second payments beside that of the stack, which alone is told who takes cards: it would take its share of the card payments.
  const { payments: _, ...seeded } = hosted;
  const running = await startSubgraphs(seeded);
  try {
    await seed(hosted, (text) => process.stdout.write(`\r\u001b[2K${text}`));
    process.stdout.write('\n');
  } finally {
    await running.close();
  }
}
