import { ROLES, type Role, SCOPES, type Scope } from '@tessera/schema/contract';
import { IDENTITY_HEADER } from '@tessera/service-kit/identity';
import { Command, InvalidArgumentError } from 'commander';
import { LocalError } from './errors.ts';
import { resolveLayout } from './layout.ts';
import { signedIdentity } from './signed-identity.ts';
import { readState } from './state.ts';

/** `npm run token`: a signed identity of 60 s, to call a subgraph's own port by hand as the gateway would. */
const command = new Command('npm run token --')
  .description('Prints a signed identity (60 s) for calling a subgraph of the running local stack directly.')
  .option('--user <id>', 'act as this user (usr_…); a visitor when left out')
  .option('--role <role...>', `roles of the user: ${ROLES.join(', ')}`, collectRoles, [])
  .option('--scope <scope...>', 'scopes beyond those of the roles', collectScopes, [])
  .option('--data-dir <folder>', 'data directory of the stack')
  .option('--curl', 'print a curl command instead of the bare token', false);
command.parse(process.argv);

interface TokenOptions {
  readonly user?: string;
  readonly role: readonly Role[];
  readonly scope: readonly Scope[];
  readonly dataDir?: string;
  readonly curl: boolean;
}

try {
  process.stdout.write(`${await main(command.opts<TokenOptions>())}\n`);
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function main({ user, role, scope, dataDir, curl }: TokenOptions): Promise<string> {
  const layout = resolveLayout(dataDir ? { dataDir } : {});
  const state = readState(layout.dataDir);
  const token = await signedIdentity({ user, roles: role, scopes: scope }, layout.secretsFile);
  if (!curl) return token;
  return `curl ${state.subgraphs.users}/graphql -H 'content-type: application/json' -H '${IDENTITY_HEADER}: ${token}' -d '{"query":"{ me { id handle } }"}'`;
}

function collectRoles(text: string, before: readonly Role[]): readonly Role[] {
  const role = ROLES.find((known) => known === text.toUpperCase());
  if (!role) throw new InvalidArgumentError(`known roles: ${ROLES.join(', ')}.`);
  return [...before, role];
}

function collectScopes(text: string, before: readonly Scope[]): readonly Scope[] {
  const scope = SCOPES.find((known) => known === text);
  if (!scope) throw new InvalidArgumentError(`known scopes: ${SCOPES.join(', ')}.`);
  return [...before, scope];
}
