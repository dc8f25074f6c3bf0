/** The same key as the landing page. */
const KEY = 'tessera.session';
const REFRESH_BEFORE_MS = 30_000;
const REFRESH =
  'mutation Refresh($input: SessionRefreshInput!) { sessionRefresh(input: $input) { ... on SessionRefreshed { accessToken expiresAt refreshToken } } }';

let refreshing = null;

/** The access token of whoever is logged in in this browser, refreshed when it is about to end; null when nobody is. */
export async function accessToken() {
  const session = read();
  if (!session) return null;
  if (Date.parse(session.expiresAt) - Date.now() > REFRESH_BEFORE_MS) return session.accessToken;
  refreshing ??= refresh(session).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Keeps the tokens of an answer that opened a session, so that running the log-in tab is enough. */
export function rememberSession(data, variables) {
  for (const outcome of Object.values(data ?? {})) {
    if (outcome?.accessToken && outcome.refreshToken && outcome.expiresAt) {
      const { accessToken, refreshToken, expiresAt } = outcome;
      const email = Object.values(variables ?? {}).find((input) => input?.email)?.email;
      write({ email: email ?? read()?.email ?? 'somebody', accessToken, refreshToken, expiresAt });
    }
  }
}

async function refresh(session) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: REFRESH, variables: { input: { refreshToken: session.refreshToken } } }),
  });
  const renewed = (await response.json()).data?.sessionRefresh;
  if (!renewed?.accessToken) {
    localStorage.removeItem(KEY);
    return null;
  }
  write({ ...session, ...renewed });
  return renewed.accessToken;
}

function read() {
  return JSON.parse(localStorage.getItem(KEY) ?? 'null');
}

function write(session) {
  localStorage.setItem(KEY, JSON.stringify(session));
}
