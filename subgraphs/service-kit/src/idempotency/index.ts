export { differingFields, type Fingerprint, fingerprintOf } from './fingerprint.ts';
export { effectiveKey } from './key.ts';
export { idempotencyMigration } from './migration.ts';
export { type KeyedRun, runOnce, runRepeatable, type RunResult } from './run.ts';
export { purgeExpiredKeys } from './purge.ts';
