import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOGS, STATE_VARIABLE, startPlatform } from './platform.ts';

const KEPT_MS = 3_600_000;

/** One stack for all suites, beside whatever else runs. A running one that is named by its state file is used as it is. */
export default async function setUp() {
  if (process.env[STATE_VARIABLE]) return;
  forgetOldLogs();
  const { platform, process: kept } = await startPlatform();
  process.env[STATE_VARIABLE] = join(platform.dataDir, 'stack.json');
  globalThis.tesseraE2eStack = kept;
}

function forgetOldLogs() {
  let names = [];
  try {
    names = readdirSync(LOGS);
  } catch {
    return; // the first run on this machine
  }
  for (const file of names.map((name) => join(LOGS, name)))
    if (Date.now() - statSync(file).mtimeMs > KEPT_MS) rmSync(file, { force: true });
}
