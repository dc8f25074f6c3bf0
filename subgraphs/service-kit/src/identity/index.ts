export { createIdentitySigner, type IdentitySigner, type SignerOptions, type SignIdentityOptions, signIdentity } from './sign.ts';
export { IDENTITY_AUDIENCE, IDENTITY_HEADER, MAX_IDENTITY_SECONDS } from './token-format.ts';
export { createIdentityVerifier, type IdentityVerifier, type VerifierOptions } from './verify.ts';
export { hasScope, isService, serviceViewer, type Viewer } from './viewer.ts';
