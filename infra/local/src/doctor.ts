import { parseArgs } from 'node:util';
import { checkCards } from './doctor/cards.ts';
import { type Check, line, ok } from './doctor/check.ts';
import { checkDisk, checkMemory, checkNode, checkOpenFiles, checkPackages } from './doctor/machine.ts';
import { checkDataDir, checkLeftovers, checkPort, checkPostgresBinaries, checkRedis, checkStoreUser } from './doctor/stores.ts';
import { type Layout, resolveLayout } from './layout.ts';
import { POSTGRES_PORT, REDIS_PORT, STRIPE_SIMULATOR_PORT } from './ports.ts';
import { DATABASE_SERVICES } from './secrets.ts';

/**
 * Looks at everything that a start needs and changes nothing. Works without installed packages, to be able to say so.
 * @param environment stores given there are not looked for
 */
export async function diagnose(layout: Layout, environment: Readonly<Record<string, string | undefined>>): Promise<Check[]> {
  const isPostgresOutside = DATABASE_SERVICES.every((service) => environment[`${service.toUpperCase()}_DATABASE_URL`]);
  return [
    ...[checkNode(), checkPackages(layout), checkDataDir(layout)],
    ...(isPostgresOutside
      ? [ok('postgres', 'every *_DATABASE_URL is set, so none is started')]
      : [checkPostgresBinaries(layout), checkStoreUser(), await checkPort(layout, 'postgres', POSTGRES_PORT)]),
    ...(environment.REDIS_URL
      ? [ok('redis', 'REDIS_URL is set, so none is started')]
      : [checkRedis(layout), await checkPort(layout, 'redis', REDIS_PORT)]),
    checkCards(environment),
    ...(environment.STRIPE_SECRET_KEY ? [] : [await checkPort(layout, 'stripe simulator', STRIPE_SIMULATOR_PORT)]),
    ...[checkDisk(layout), checkMemory(), checkOpenFiles(), checkLeftovers(layout)],
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } });
  const dataDir = values['data-dir'];
  const checks = await diagnose(resolveLayout(dataDir === undefined ? {} : { dataDir }), process.env);
  for (const check of checks) console.log(line(check));
  if (checks.some(({ status }) => status === 'fail')) process.exitCode = 1;
}

if (import.meta.main) await main();
