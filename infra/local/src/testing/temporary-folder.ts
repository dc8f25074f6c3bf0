import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with mode 700, as mkdtemp makes it; as root's, the stores' user cannot enter it. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tessera-suite-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
