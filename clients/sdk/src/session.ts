import { TesseraRequestError } from './errors.ts';
import {
  SessionCloseDocument,
  type SessionCloseMutation,
  type SessionCloseMutationVariables,
  SessionOpenDocument,
  type SessionOpenMutation,
  type SessionOpenMutationVariables,
  SessionRefreshDocument,
  type SessionRefreshMutation,
} from './generated/operations.ts';
import type { SessionTokens, TokenStore } from './tokens.ts';
import type { Authorisation, Transport } from './transport.ts';

/** Renewed this long before it ends, so that it does not end on its way. */
const RENEW_BEFORE_MS = 30_000;

export type SessionOpenOutcome = SessionOpenMutation['sessionOpen'];
export type SessionCloseOutcome = SessionCloseMutation['sessionClose'];

export interface Session {
  /** Keeps the tokens of a `SessionOpened`; every other outcome leaves the present session as it is. */
  open(input: SessionOpenMutationVariables['input']): Promise<SessionOpenOutcome>;
  /** Renews the tokens now, once for all who ask at the same time. @throws UNAUTHENTICATED when there is no session, or it is not renewable */
  refresh(): Promise<void>;
  /** Closes this session, or what `input` names. Without a `sessionId` it is forgotten here even when the platform cannot be reached. */
  close(input?: SessionCloseMutationVariables['input']): Promise<SessionCloseOutcome>;
  isOpen(): Promise<boolean>;
}

export interface SessionParts {
  readonly transport: Transport;
  readonly store: TokenStore;
  readonly now: () => number;
  /** Told after every change: who asks, or with what, is another now. */
  readonly onChange: (tokens: SessionTokens | null, change: 'opened' | 'renewed' | 'closed') => void;
}

export function createSession({ transport, store, now, onChange }: SessionParts): Session & { readonly authorisation: Authorisation } {
  let renewal: Promise<void> | null = null;

  const keep = async (tokens: SessionTokens | null, change: 'opened' | 'renewed' | 'closed'): Promise<void> => {
    await store.write(tokens);
    onChange(tokens, change);
  };

  const renew = async (): Promise<void> => {
    const tokens = await store.read();
    if (!tokens) throw new TesseraRequestError('UNAUTHENTICATED', 'There is no session: open one first.');
    const input = tokens.refreshToken ? { refreshToken: tokens.refreshToken } : {};
    const answer = await transport.send({ document: SessionRefreshDocument, variables: { input } });
    const { sessionRefresh } = answer.data as SessionRefreshMutation; // the answer to this document
    if (sessionRefresh.__typename === 'SessionRefreshed') return keep(tokensOf(sessionRefresh), 'renewed');
    if (sessionRefresh.__typename === 'RateLimited')
      throw new TesseraRequestError('RATE_LIMITED', sessionRefresh.message, { data: sessionRefresh });
    await keep(null, 'closed');
    throw new TesseraRequestError('UNAUTHENTICATED', sessionRefresh.message, { data: sessionRefresh });
  };

  const refresh = (): Promise<void> => {
    renewal ??= renew().finally(() => {
      renewal = null;
    });
    return renewal;
  };

  const authorisation: Authorisation = {
    header: async () => {
      const tokens = await store.read();
      if (!tokens) return null;
      if (Date.parse(tokens.expiresAt) - now() > RENEW_BEFORE_MS) return bearer(tokens);
      await refresh();
      return bearer(await store.read());
    },
    renew: async (refused) => {
      const tokens = await store.read();
      if (!tokens) return false;
      // Another request, or another tab, may have renewed it since this one was sent.
      if (refused === null || bearer(tokens) === refused) await refresh();
      return true;
    },
  };

  return {
    authorisation,
    refresh,
    isOpen: async () => (await store.read()) !== null,
    open: async (input) => {
      const answer = await transport.send({ document: SessionOpenDocument, variables: { input } });
      const { sessionOpen } = answer.data as SessionOpenMutation; // the answer to this document
      if (sessionOpen.__typename === 'SessionOpened') await keep(tokensOf(sessionOpen), 'opened');
      return sessionOpen;
    },
    close: async (input = {}) => {
      try {
        const answer = await transport.send({ document: SessionCloseDocument, variables: { input } }, authorisation);
        return (answer.data as SessionCloseMutation).sessionClose; // the answer to this document
      } finally {
        if (!input.sessionId) await keep(null, 'closed');
      }
    },
  };
}

function tokensOf({ accessToken, refreshToken, expiresAt }: SessionTokens): SessionTokens {
  return { accessToken, refreshToken, expiresAt };
}

/** Null with cookies: the browser sends those itself. */
function bearer(tokens: SessionTokens | null): string | null {
  return tokens?.accessToken ? `Bearer ${tokens.accessToken}` : null;
}
