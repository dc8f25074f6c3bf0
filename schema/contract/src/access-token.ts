/** Access tokens of signed-in users (RFC 9068): users issues them, the gateway checks them. */
export const ACCESS_TOKEN_ISSUER = 'tessera-users';
export const ACCESS_TOKEN_AUDIENCE = 'tessera';
/** The `typ` of the header: no other token of ours passes as one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
