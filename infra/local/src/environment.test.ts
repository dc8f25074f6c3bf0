import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceEnvironment } from './environment.ts';
import { openSecrets } from './secrets.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder.remove());

test('the gateway reaches every subgraph in this process, unless told another way', () => {
  const secrets = openSecrets(join(folder.path, 'secrets.json'));
  const parts = { secrets, databases: {}, redisUrl: 'redis://127.0.0.1:1', smtpUrl: '', gatewayPort: 0, subgraphPorts: {}, logFile: '' };
  const LEDGER_URL = 'http://127.0.0.1:4005/graphql';
  expect(serviceEnvironment(parts, { LEDGER_URL })).toMatchObject({ USERS_URL: 'inprocess:', ORDERS_URL: 'inprocess:', LEDGER_URL });
});
