import type { StreamName } from '@tessera/schema/contract';
import { deriveKey } from '@tessera/service-kit/crypto';
import { InvariantViolation, TesseraError } from '@tessera/service-kit/errors';
import { signSeen } from '@tessera/service-kit/messaging';
import { childTraceparent } from '@tessera/service-kit/service';
import { type GatewayContext, newCollected } from '../execution/context.ts';
import type { ExecutorResult } from '../execution/executor.ts';
import { balanceChannel } from './balance-channel.ts';
import type { AskSubgraph, Channel } from './channel.ts';
import { decodeEventCursor } from './event-cursor.ts';
import { createFanOut, type EventSource } from './fan-out.ts';
import { type Delivery, follow } from './follow.ts';
import { orderChannel } from './order-channel.ts';
import type { PreparedSubscription } from './prepare.ts';

export const EVENT_STREAMS = ['order-events', 'ledger-events', 'user-events'] as const satisfies readonly StreamName[];
const HYDRATION_MS = 10_000;

export interface SubscriptionParts {
  readonly source: EventSource;
  /** Resolves when every event from now on will be seen; rejects when that takes too long. */
  readonly ready: () => Promise<void>;
  readonly ask: AskSubgraph;
  readonly eventsSecret: string;
}

export interface Subscriptions {
  /** Checks what the arguments name, then answers event by event until `return`. The viewer is taken from the context, at every delivery. */
  open(prepared: PreparedSubscription, context: GatewayContext): Promise<AsyncGenerator<ExecutorResult>>;
  readonly openCount: number;
  close(): void;
}

export function createSubscriptions({ source, ready, ask, eventsSecret }: SubscriptionParts): Subscriptions {
  const channels: ReadonlyMap<string, Channel> = new Map(
    [orderChannel(ask), balanceChannel(ask)].map((channel) => [channel.field, channel]),
  );
  const fanOut = createFanOut(source, (event) =>
    [...channels.values()].flatMap((channel) => (channel.stream === event.stream ? channel.routingKeysOf(event) : [])),
  );
  const cursorKey = deriveKey(eventsSecret, 'event-cursors');

  return {
    get openCount() {
      return fanOut.tapCount;
    },
    close: () => fanOut.close(),
    open: async (prepared, context) => {
      const channel = channels.get(prepared.field);
      if (!channel) throw new InvariantViolation(`Nothing answers Subscription.${prepared.field}`);
      const after = typeof prepared.args.after === 'string' ? decodeEventCursor(prepared.args.after, channel.stream, cursorKey) : null;
      await ready();
      const feed = await channel.open(prepared.args, context);
      const following = follow({ feed, after, source, fanOut, cursorKey });
      const answer = (delivery: Delivery) => prepared.hydrate(eventContext(context, prepared.field, delivery, eventsSecret));
      return stoppable(following[Symbol.asyncIterator](), answer, () => following.stop());
    },
  };
}

/** A fresh operation for each event. Subgraphs wait until they have consumed the event that is being told, as far as they listen to it. */
function eventContext(
  context: GatewayContext,
  field: string,
  { value, envelope, isReplayed }: Delivery,
  eventsSecret: string,
): GatewayContext {
  return {
    ...context,
    idempotencyKey: null,
    traceparent: childTraceparent(envelope?.traceparent ?? context.traceparent),
    seen:
      envelope && !isReplayed
        ? signSeen([{ id: envelope.id, type: envelope.type as Parameters<typeof signSeen>[0][number]['type'] }], eventsSecret)
        : null, // channels pass known types only
    deadlineAt: Date.now() + HYDRATION_MS,
    collected: newCollected(),
    liveEvent: { [field]: value },
  };
}

/** `return` must end a wait for the next event: a plain generator would only see it after that event. */
function stoppable<In, Out>(events: AsyncIterator<In>, answer: (event: In) => Promise<Out>, stop: () => void): AsyncGenerator<Out> {
  const generator: AsyncGenerator<Out> = {
    next: async () => {
      const event = await events.next();
      return event.done ? { done: true, value: undefined } : { done: false, value: await answer(event.value) };
    },
    return: async () => {
      stop();
      await events.return?.();
      return { done: true, value: undefined };
    },
    throw: async (error) => {
      stop();
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => {
      await generator.return(undefined);
    },
  };
  return generator;
}

/** Bounds the wait for the event streams, so that a client learns that there is nothing to listen to. */
export async function readyWithin(start: () => Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TesseraError('SERVICE_UNAVAILABLE', 'Live events cannot be read at the moment: try again.')),
      timeoutMs,
    );
  });
  await Promise.race([start(), expired]).finally(() => clearTimeout(timer));
}
