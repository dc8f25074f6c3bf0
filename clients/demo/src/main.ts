import { TesseraRequestError } from '@tessera/sdk';
import { Command } from 'commander';
import { playStory } from './demo.ts';
import { StoryFailure } from './failure.ts';
import { consolePrint } from './print.ts';
import { localUrl } from './stack.ts';

/** Of the seeded accounts of the local stack. */
const SEED_PASSWORD = 'correct-horse-tessera';

const { url, password } = new Command('npm run demo --')
  .description(
    'Plays the whole story through the graph of a running stack: buy, reveal, send money, pay by card, refund, watch it live, prove the books.',
  )
  .option('--url <url>', 'where the gateway is', localUrl())
  .option('--password <text>', 'of the seeded accounts', SEED_PASSWORD)
  .parse()
  .opts<{ url: string; password: string }>();

try {
  await playStory({ url, password, print: consolePrint() });
} catch (error) {
  process.exitCode = 1;
  if (error instanceof StoryFailure) console.error(`\nThe story ends here: ${error.message}`);
  else if (error instanceof TesseraRequestError && error.code === 'NETWORK')
    console.error(`\nNothing answers at ${url}. Start the stack with "npm start", or name another with --url.`);
  else if (error instanceof TesseraRequestError) console.error(`\nThe story ends here: ${error.code}: ${error.message}`);
  else throw error;
}
