import type { Client, FormattedExecutionResult, SubscribePayload } from 'graphql-ws';

/** The consumer is too slow for its buffer: to be read again from the last event that it took. */
export class BufferOverflow extends Error {
  override readonly name = 'BufferOverflow';
}

export interface EventStreamOptions {
  readonly maxBuffered: number;
  readonly signal?: AbortSignal | undefined;
}

type Result = FormattedExecutionResult<Record<string, unknown>, unknown>;

/**
 * The results of one subscription on one connection, as they are taken; ends when the server completes it.
 * Throws what ended it otherwise: a close event, a list of GraphQL errors, `BufferOverflow`, or the reason of the signal.
 */
export async function* eventStream(
  socket: Client,
  payload: SubscribePayload,
  { maxBuffered, signal }: EventStreamOptions,
): AsyncGenerator<Result, void> {
  const buffer: Result[] = [];
  let end: { readonly error: unknown } | 'complete' | null = null;
  let wake: () => void = () => undefined;

  const finish = (how: NonNullable<typeof end>): void => {
    end ??= how;
    wake();
  };
  const stop = socket.subscribe<Record<string, unknown>>(payload, {
    next: (result) => {
      if (buffer.length >= maxBuffered) finish({ error: new BufferOverflow('The events came faster than they were taken.') });
      if (end === null) buffer.push(result);
      wake();
    },
    error: (error) => finish({ error }),
    complete: () => finish('complete'),
  });
  // Every close ends it here, an orderly one too: the protocol layer would subscribe again by itself, with the cursor of then.
  const unlisten = socket.on('closed', (event) => {
    finish({ error: event });
    stop();
  });
  const abort = () => finish({ error: signal?.reason });
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });

  try {
    for (;;) {
      signal?.throwIfAborted();
      const result = buffer.shift();
      if (result) {
        yield result;
        continue;
      }
      const ended = ending();
      if (ended === 'complete') return;
      if (ended) throw ended.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    unlisten();
    stop();
  }

  /** A function, because the compiler cannot see that callbacks change the variable. */
  function ending() {
    return end;
  }
}
