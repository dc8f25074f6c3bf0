/** One entry of an answer's `errors`. */
export interface GraphFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string } & Readonly<Record<string, unknown>>;
}

export interface GraphAnswer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  readonly errors: readonly GraphFault[];
  /** Of the errors, in their order. */
  readonly codes: readonly (string | undefined)[];
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly tookMs: number;
}

export interface Question {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const ANSWER_WITHIN_MS = 60_000;

/** One request, sent once, with everything that the platform says about it: no retries, no refresh, no keys that were not asked for. */
export async function ask<Data = Record<string, unknown>>(
  url: string,
  { query, variables, token, headers }: Question,
): Promise<GraphAnswer<Data>> {
  return send<Data>(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

/** Any request to a place that answers as GraphQL does. */
export async function send<Data = Record<string, unknown>>(url: string, request: RequestInit): Promise<GraphAnswer<Data>> {
  const startedAt = performance.now();
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const text = await response.text();
  const tookMs = performance.now() - startedAt;
  const { data, errors = [], extensions = {} } = parse<Data>(text, response.status);
  const codes = errors.map((fault) => fault.extensions?.code);
  return { status: response.status, headers: response.headers, data, errors, codes, extensions, tookMs };
}

interface GraphBody<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphFault[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function parse<Data>(text: string, status: number): GraphBody<Data> {
  try {
    return JSON.parse(text) as GraphBody<Data>; // the caller says what it asked for
  } catch {
    throw new Error(`Status ${status} with an answer that is not JSON: ${text.slice(0, 300)}`);
  }
}
