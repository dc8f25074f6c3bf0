import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { InvariantViolation } from '../errors/index.ts';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'ts1';
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

export interface EnvelopeKeys {
  /** Key-encryption keys by id: 32 bytes each as base64. Old ones stay until everything is re-wrapped. */
  readonly keys: Readonly<Record<string, string>>;
  /** The id that new ciphertexts use. */
  readonly current: string;
}

/**
 * Field encryption: every value has a data key of its own, wrapped by a key-encryption key. The text reads
 * `ts1.<key id>.<wrapped data key>.<ciphertext>`; the last two are base64url of IV, ciphertext and tag (AES-256-GCM, random 96-bit IVs).
 */
export interface Envelope {
  /** `associatedData` names the place of the value (such as `users/usr_…/email`): it opens nowhere else. */
  seal(plaintext: string, associatedData: string): string;
  /** The plaintext; throws `SealError` when the text was changed or belongs to another place. */
  open(sealed: string, associatedData: string): string;
  /** The same value under the current key-encryption key; the ciphertext itself is not touched. Throws `SealError`. */
  rewrap(sealed: string): string;
}

export type SealErrorCode = 'SEAL_MALFORMED' | 'SEAL_KEY_UNKNOWN' | 'SEAL_BROKEN';

/** A sealed text that does not open: no sealed text at all, sealed by a key that is gone, or changed or moved. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code: SealErrorCode;
  readonly keyId: string | null;
  constructor(code: SealErrorCode, keyId: string | null, options?: ErrorOptions) {
    super(`A sealed value does not open: ${code}`, options);
    this.code = code;
    this.keyId = keyId;
  }
}

/** Throws `InvariantViolation` for a key that is not 32 bytes, an unusable key id, or a `current` that is not among the keys. */
export function createEnvelope({ keys, current }: EnvelopeKeys): Envelope {
  const keyring = new Map(Object.entries(keys).map(([keyId, base64]) => [keyId, keyEncryptionKey(keyId, base64)]));
  if (!keyring.has(current)) throw new InvariantViolation(`The current envelope key ${current} is not among the keys.`);

  const find = (keyId: string): Buffer => {
    const key = keyring.get(keyId);
    if (!key) throw new SealError('SEAL_KEY_UNKNOWN', keyId);
    return key;
  };
  const wrap = (dataKey: Buffer): string => `${VERSION}.${current}.${encrypt(find(current), dataKey, wrapContext(current))}`;
  const unwrap = ({ keyId, wrappedKey }: SealedParts): Buffer => decrypt(find(keyId), wrappedKey, wrapContext(keyId), keyId);

  return {
    seal: (plaintext, associatedData) => {
      const dataKey = randomBytes(KEY_BYTES);
      return `${wrap(dataKey)}.${encrypt(dataKey, Buffer.from(plaintext, 'utf8'), associatedData)}`;
    },
    open: (sealed, associatedData) => {
      const parts = splitSealed(sealed);
      return decrypt(unwrap(parts), parts.ciphertext, associatedData, parts.keyId).toString('utf8');
    },
    rewrap: (sealed) => {
      const parts = splitSealed(sealed);
      return `${wrap(unwrap(parts))}.${parts.ciphertext.toString('base64url')}`;
    },
  };
}

interface SealedParts {
  readonly keyId: string;
  readonly wrappedKey: Buffer;
  readonly ciphertext: Buffer;
}

function keyEncryptionKey(keyId: string, base64: string): Buffer {
  const key = Buffer.from(base64, 'base64');
  if (!KEY_ID.test(keyId)) throw new InvariantViolation(`Not a usable envelope key id: ${keyId}`);
  if (key.length !== KEY_BYTES) throw new InvariantViolation(`Envelope key ${keyId} must be ${KEY_BYTES} bytes as base64.`);
  return key;
}

/** Binds a wrapped key to version and key id, so that neither can be exchanged. */
function wrapContext(keyId: string): string {
  return `${VERSION}.${keyId}`;
}

function splitSealed(sealed: string): SealedParts {
  const [version, keyId, wrapped, cipher, ...rest] = sealed.split('.', 5);
  if (version !== VERSION || !keyId || !wrapped || !cipher || rest.length > 0) throw new SealError('SEAL_MALFORMED', null);
  return { keyId, wrappedKey: fromCanonical(wrapped), ciphertext: fromCanonical(cipher) };
}

/** Node's decoder forgives; a sealed text has exactly one spelling. */
function fromCanonical(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) throw new SealError('SEAL_MALFORMED', null);
  return bytes;
}

function encrypt(key: Buffer, plaintext: Buffer, associatedData: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(associatedData, 'utf8'));
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

function decrypt(key: Buffer, sealed: Buffer, associatedData: string, keyId: string): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(associatedData, 'utf8')).setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new SealError('SEAL_BROKEN', keyId, { cause });
  }
}
