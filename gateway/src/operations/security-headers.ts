import type { OutgoingHttpHeaders } from 'node:http';
import type { Route } from '@tessera/service-kit/service';

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

/** The same route with headers that tell browsers to be careful; a header of the answer itself wins. */
export function secured(route: Route, isSecure: boolean): Route {
  const headers = { ...COMMON, ...(isSecure ? { 'strict-transport-security': `max-age=${HSTS_SECONDS}` } : {}) };
  return {
    ...route,
    handler: async (request) => {
      const answer = await route.handler(request);
      return { ...answer, headers: { ...headers, ...answer.headers } };
    },
  };
}
