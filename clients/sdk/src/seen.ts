/** How long a subgraph may lag behind another; after that, reads hold the write anyway. */
const WINDOW_MS = 5_000;
/** A subgraph ignores longer lists. */
const MAX_TOKENS = 8;
const MAX_LENGTH = 8_000;

/** What this client has caused lately, so that its next reads wait until the other subgraphs have heard of it. */
export interface Seen {
  /** @param committed the header `Tessera-Committed` of an answer */
  note(committed: string | null): void;
  /** The value of `Tessera-Seen`, or null. */
  header(): string | null;
}

export function createSeen(now: () => number): Seen {
  let tokens: { readonly token: string; readonly until: number }[] = [];
  return {
    note: (committed) => {
      const until = now() + WINDOW_MS;
      const noted = (committed ?? '')
        .split(',')
        .map((token) => token.trim())
        .filter(Boolean);
      const kept = tokens.filter(({ token }) => !noted.includes(token));
      tokens = [...kept, ...noted.map((token) => ({ token, until }))].slice(-MAX_TOKENS);
    },
    header: () => {
      tokens = tokens.filter(({ until }) => until > now());
      const sent = tokens.map(({ token }) => token);
      while (sent.join(',').length > MAX_LENGTH) sent.shift();
      return sent.length > 0 ? sent.join(',') : null;
    },
  };
}
