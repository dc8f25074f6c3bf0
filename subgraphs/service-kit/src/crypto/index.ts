export { createDirectoryKeys, directoryKey, networkOf, normalizeEmail, recognitionKey } from './directory.ts';
export { createEnvelope, type Envelope, type EnvelopeKeys, SealError, type SealErrorCode } from './envelope.ts';
export { constantTimeEqual, createMac, deriveKey, hmac, randomToken, sha256, type TextEncoding } from './primitives.ts';
