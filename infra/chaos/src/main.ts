import { Command } from 'commander';
import { ledgerCommand } from './ledger/command.ts';
import { paymentsCommand } from './payments/command.ts';

const CANNOT_RUN = 2;

const families = [paymentsCommand(), ledgerCommand()];
const names = families.map((family) => family.name()).join(', ');

const program: Command = new Command('npm run faults --')
  .description('Starts the real processes, plans faults, plays customers, and proves at the end that nothing was lost.')
  .usage('<family> [options]')
  .showHelpAfterError('(--help tells more)')
  .argument('[family]', `one of: ${names}`)
  .action((family?: string) => program.error(family ? `There is no family '${family}'. There is: ${names}.` : `Name a family: ${names}.`))
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : CANNOT_RUN));
for (const family of families) program.addCommand(family.copyInheritedSettings(program));

await program.parseAsync();
