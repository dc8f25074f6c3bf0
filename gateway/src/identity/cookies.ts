const MAX_COOKIES = 50;

/** Names and values of a `Cookie` header; the first of a name counts. Values are not decoded: ours need no escaping. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';').slice(0, MAX_COOKIES)) {
    const mark = pair.indexOf('=');
    const name = pair.slice(0, mark).trim();
    if (mark > 0 && !cookies.has(name)) cookies.set(name, pair.slice(mark + 1).trim());
  }
  return cookies;
}

export interface CookieOptions {
  readonly maxAgeSeconds: number;
  readonly path?: string;
  readonly isSecure: boolean;
}

/** Never readable by scripts, never sent by other sites' forms. */
export function setCookie(name: string, value: string, { maxAgeSeconds, path = '/', isSecure }: CookieOptions): string {
  return `${name}=${value}; Path=${path}; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

export function clearCookie(name: string, options: Omit<CookieOptions, 'maxAgeSeconds'>): string {
  return setCookie(name, '', { ...options, maxAgeSeconds: 0 });
}
