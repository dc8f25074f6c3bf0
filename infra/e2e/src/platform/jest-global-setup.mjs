import { join } from 'node:path';
import { STATE_VARIABLE, startPlatform } from './platform.ts';

/** One stack for all suites, beside whatever else runs. A running one that is named by its state file is used as it is. */
export default async function setUp() {
  if (process.env[STATE_VARIABLE]) return;
  const { platform, process: kept } = await startPlatform();
  process.env[STATE_VARIABLE] = join(platform.dataDir, 'stack.json');
  globalThis.tesseraE2eStack = kept;
}
