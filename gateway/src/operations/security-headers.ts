import type { OutgoingHttpHeaders } from 'node:http';

const COMMON: OutgoingHttpHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  // For data: nothing in it may run or load. Pages bring a policy of their own.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
const HSTS_SECONDS = 31_536_000;

/** Tell browsers to be careful. */
export function securityHeaders(isSecure: boolean): OutgoingHttpHeaders {
  return { ...COMMON, ...(isSecure ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : {}) };
}
