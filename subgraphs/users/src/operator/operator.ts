import type { Role } from '@tessera/schema/contract';

export interface WantedUser {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly handle: string;
  readonly roles: readonly Role[];
}

/** Acts of whoever runs the machine: no viewer, no idempotency key, the same rules and events as for everybody. */
export interface Operator {
  /**
   * Makes sure that the account exists, is verified and holds the roles; answers its id. Idempotent. An account that exists keeps its
   * password and names. Throws for a weak password or a handle that is somebody else's.
   */
  ensureUser(wanted: WantedUser): Promise<string>;
  /** Publishes a successor of the signing key; answers its `kid`. Nobody is logged out. */
  rotateSigningKey(): Promise<string>;
}
