import type { Client, FormattedExecutionResult } from 'graphql-ws';
import { type GraphFault, requestErrorOf, TesseraRequestError } from './errors.ts';
import { BufferOverflow, eventStream } from './event-stream.ts';
import type { ClientLimits } from './options.ts';
import { backoffMs, type Pace } from './pace.ts';
import { textOf } from './transport.ts';
import type { TypedDocument } from './typed-document.ts';

/** Cursors that are remembered: far more than can come twice around a reconnect. */
const REMEMBERED_CURSORS = 1_000;
const RESYNC = 'RESYNC';
const UNAUTHORIZED = 4_401;
const FORBIDDEN = 4_403;
/** Closes that come again however often one connects: bad requests, unknown protocols. */
const FATAL_CLOSES: readonly number[] = [4_004, 4_005, 4_400, 4_406, 4_409];
const PASSING_CODES: readonly string[] = ['NETWORK', 'SERVICE_UNAVAILABLE', 'TIMEOUT', 'RATE_LIMITED'];
/** A connection that held this long was a good one: what fails next is a new trouble. */
const STABLE_MS = 10_000;

export interface SubscribeOptions {
  readonly signal?: AbortSignal;
  /**
   * Told before each new connection. With `isResumed: false` no event had come yet, so nothing says from where to go on: what happened in between
   * is to be queried.
   */
  readonly onReconnect?: (reconnect: { readonly isResumed: boolean; readonly cause: unknown }) => void;
}

/** One event, with what a sleeping subgraph left out of it. */
export interface LiveEvent<Data> {
  readonly data: Data;
  readonly errors: readonly GraphFault[];
}

export interface SubscriptionParts {
  readonly socket: Client;
  /** Makes sure that the session holds for a new connection. */
  readonly prepare: () => Promise<unknown>;
  /** Renews the session after a connection was refused; false when there is none. */
  readonly renew: () => Promise<boolean>;
  readonly limits: ClientLimits;
  readonly pace: Pace;
}

interface Subscribed {
  readonly document: TypedDocument<unknown, never>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Events of one subscription over as many connections as it takes: none is lost, none is delivered twice. Leaving the loop unsubscribes. */
export async function* follow(
  subscribed: Subscribed,
  options: SubscribeOptions,
  parts: SubscriptionParts,
): AsyncGenerator<LiveEvent<unknown>, void> {
  requireResumable(subscribed.document);
  const place: Place = { after: subscribed.variables.after, delivered: new RecentCursors() };
  const { pace } = parts;
  let trouble: Trouble = { failures: 0, isRenewed: false };

  for (;;) {
    const startedAt = pace.now();
    let cause: unknown;
    try {
      await parts.prepare();
      for await (const event of listen(subscribed, place, options, parts)) {
        trouble = { failures: 0, isRenewed: false };
        yield event;
      }
      return;
    } catch (error) {
      cause = error;
    }
    options.signal?.throwIfAborted();
    if (cause instanceof BufferOverflow) continue;
    if (pace.now() - startedAt > STABLE_MS) trouble = { failures: 0, isRenewed: false };
    trouble = await mend(cause, trouble, options, parts);
    options.onReconnect?.({ isResumed: Boolean(place.after), cause });
  }
}

/** Where the consumer is. */
interface Place {
  after: unknown;
  readonly delivered: RecentCursors;
}

/** What went wrong since the last event or the last connection that held. */
interface Trouble {
  readonly failures: number;
  readonly isRenewed: boolean;
}

async function* listen(
  { document, variables }: Subscribed,
  place: Place,
  { signal }: SubscribeOptions,
  { socket, limits }: SubscriptionParts,
) {
  const { operationName, query } = textOf(document);
  const payload = {
    query,
    ...(operationName ? { operationName } : {}),
    variables: { ...variables, ...(place.after ? { after: place.after } : {}) },
  };
  for await (const result of eventStream(socket, payload, { maxBuffered: limits.bufferedEvents, signal })) {
    const { event, cursor, kind } = eventOf(result);
    if (kind !== RESYNC) {
      if (place.delivered.has(cursor)) continue;
      place.delivered.add(cursor);
      place.after = cursor; // the events of a snapshot share one: behind the first, the others would be lost
    }
    yield event;
  }
}

/** Waits, or renews the session, so that connecting again makes sense. @throws TesseraRequestError when it does not */
async function mend(
  cause: unknown,
  { failures, isRenewed }: Trouble,
  { signal }: SubscribeOptions,
  { limits, pace, renew }: SubscriptionParts,
): Promise<Trouble> {
  const remedy = remedyOf(cause);
  const now = { failures: failures + 1, isRenewed };
  if (remedy.kind === 'give-up' || now.failures > limits.reconnects) throw remedy.error;
  if (remedy.kind === 'renew') {
    if (isRenewed) throw remedy.error;
    const renewed = await renew().catch((error: unknown) => {
      if (remedyOf(error).kind === 'reconnect') return 'later';
      throw error;
    });
    if (renewed === false) throw remedy.error;
    if (renewed === true) return { ...now, isRenewed: true };
  }
  await pace.sleep(backoffMs(now.failures, limits.reconnectBackoff, pace.random), signal);
  return now;
}

interface Remedy {
  readonly kind: 'give-up' | 'renew' | 'reconnect';
  readonly error: TesseraRequestError;
}

/** What a failed connection or subscription calls for. */
function remedyOf(cause: unknown): Remedy {
  if (cause instanceof TesseraRequestError) return remedyOfError(cause);
  if (Array.isArray(cause)) return remedyOfError(requestErrorOf(cause as readonly GraphFault[])); // what the server's error message holds
  if (cause instanceof TypeError) throw cause; // a mistake in the program, not on the line
  const { code, reason } = closeOf(cause);
  if (code === UNAUTHORIZED || code === FORBIDDEN)
    return { kind: 'renew', error: new TesseraRequestError('UNAUTHENTICATED', reason || 'The session ended.', { cause }) };
  const error = new TesseraRequestError('NETWORK', reason || 'The live connection was lost.', { cause });
  return { kind: FATAL_CLOSES.includes(code) ? 'give-up' : 'reconnect', error };
}

function remedyOfError(error: TesseraRequestError): Remedy {
  if (error.code === 'UNAUTHENTICATED') return { kind: 'renew', error };
  return { kind: PASSING_CODES.includes(error.code) ? 'reconnect' : 'give-up', error };
}

function closeOf(cause: unknown): { readonly code: number; readonly reason: string } {
  if (typeof cause !== 'object' || cause === null) return { code: 0, reason: '' };
  const code = 'code' in cause && typeof cause.code === 'number' ? cause.code : 0;
  const reason = 'reason' in cause && typeof cause.reason === 'string' ? cause.reason : '';
  return { code, reason };
}

interface Event {
  readonly event: LiveEvent<unknown>;
  readonly cursor: string;
  readonly kind: unknown;
}

/** @throws TesseraRequestError when the event itself is missing */
function eventOf({ data, errors = [] }: FormattedExecutionResult<Record<string, unknown>, unknown>): Event {
  const [value] = Object.values(data ?? {});
  if (typeof value !== 'object' || value === null) throw requestErrorOf(errors, data);
  const { cursor, kind } = value as Record<string, unknown>; // an object of a GraphQL answer
  if (typeof cursor !== 'string') throw new TesseraRequestError('INVALID_ANSWER', 'An event came without its cursor.', { data });
  return { event: { data, errors }, cursor, kind };
}

/** @throws TypeError for a subscription that could not go on after a lost connection */
function requireResumable(document: TypedDocument<unknown, never>): void {
  const operation = document.definitions.find((definition) => definition.kind === 'OperationDefinition');
  const hasAfter = operation?.variableDefinitions?.some(({ variable }) => variable.name.value === 'after');
  const root = operation?.selectionSet.selections[0];
  const hasCursor =
    root?.kind === 'Field' &&
    root.selectionSet?.selections.some((field) => field.kind === 'Field' && field.name.value === 'cursor' && !field.alias);
  if (!hasAfter || !hasCursor) {
    throw new TypeError(
      'A subscription declares $after, passes it on and selects "cursor" of its event: without them, a lost connection loses events.',
    );
  }
}

/** The newest cursors; the oldest are forgotten. */
class RecentCursors {
  readonly #cursors = new Set<string>();

  has(cursor: string): boolean {
    return this.#cursors.has(cursor);
  }

  add(cursor: string): void {
    this.#cursors.delete(cursor);
    this.#cursors.add(cursor);
    const [oldest] = this.#cursors;
    if (this.#cursors.size > REMEMBERED_CURSORS && oldest !== undefined) this.#cursors.delete(oldest);
  }
}
