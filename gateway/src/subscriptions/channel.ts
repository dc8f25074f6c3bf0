import type { Envelope, StreamName } from '@tessera/schema/contract';
import type { GatewayContext } from '../execution/context.ts';

/** What the root field of a subscription answers; `cursor` and `isReplayed` are added where it is delivered. */
export type EventValue = Readonly<Record<string, unknown>>;

export interface LiveEvent {
  /** Among the events of its envelope. */
  readonly index: number;
  readonly value: EventValue;
}

/** One subscriber's view of a stream, for arguments that were allowed. */
export interface Feed {
  readonly stream: StreamName;
  readonly routingKey: string;
  /** The events that this envelope is for this viewer; none where it is not theirs. Asked at every delivery. */
  eventsOf(envelope: Envelope): readonly LiveEvent[];
  /** The state to go on from when events were lost: what RESYNC events carry. */
  snapshot(): Promise<readonly EventValue[]>;
}

/** One field of `Subscription`. */
export interface Channel {
  readonly field: string;
  readonly stream: StreamName;
  routingKeysOf(envelope: Envelope): readonly string[];
  /** Checks that the viewer may follow what the arguments name; throws `FORBIDDEN`, `UNAUTHENTICATED` or `BAD_USER_INPUT`. */
  open(args: Readonly<Record<string, unknown>>, context: GatewayContext): Promise<Feed>;
}

/** Asks a subgraph as the viewer of the context; throws `SERVICE_UNAVAILABLE` where it cannot answer. */
export type AskSubgraph = (
  subgraph: string,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  context: GatewayContext,
) => Promise<Readonly<Record<string, unknown>>>;
