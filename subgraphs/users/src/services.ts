import type { Envelope } from '@tessera/service-kit/crypto';
import type { Limits } from './limits/limits.ts';
import type { Operator } from './operator/operator.ts';
import type { PasswordHasher } from './password/password-hasher.ts';
import type { KeyRing } from './signing/key-ring.ts';

/** What the use cases of this subgraph work with; built in `subgraph.ts`. */
export interface UsersServices {
  readonly passwords: PasswordHasher;
  readonly limits: Limits;
  readonly keys: KeyRing;
  /** Seals what must be read again: letters that are not sent yet, private signing keys. */
  readonly envelope: Envelope;
  /** Makes the hash of a mailed code: six digits would be guessed from a plain hash. */
  readonly codeKey: Buffer;
  /** Makes the successor of a refresh token. */
  readonly refreshKey: Buffer;
  /** The key under which others find an account by its e-mail address. */
  readonly emailKeyOf: (email: string) => string;
  readonly publicUrl: string;
  /** What the local stack and an administrator on the machine may do. */
  readonly operator: Operator;
}
