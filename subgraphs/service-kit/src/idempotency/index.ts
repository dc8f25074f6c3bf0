export { differingFields, type Fingerprint, fingerprintOf } from './fingerprint.ts';
export { effectiveKey } from './key.ts';
export { idempotencyMigration } from './migration.ts';
export { purgeExpiredKeys } from './purge.ts';
export { type KeyedRun, type RunResult, runOnce, runRepeatable } from './run.ts';
