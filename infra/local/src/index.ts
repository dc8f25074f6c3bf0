export { serviceEnvironment } from './environment.ts';
export { findFreePort } from './ports.ts';
export { descendantsOf, isRunning, waitUntil } from './processes.ts';
export { query } from './query.ts';
export { openSecrets } from './secrets.ts';
export { SEED_ACCOUNTS, SEED_PASSWORD } from './seed/accounts.ts';
export { signedIdentity } from './signed-identity.ts';
export type { StackState } from './state.ts';
