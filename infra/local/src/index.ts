export { isRunning, processesWorkingIn, waitUntil } from './processes.ts';
export { SEED_ACCOUNTS, SEED_PASSWORD } from './seed/accounts.ts';
export { signedIdentity } from './signed-identity.ts';
export type { StackState } from './state.ts';
