import { BalanceUpdatedDocument, type BalanceUpdatedSubscription, OrderUpdatedDocument, type OrderUpdatedSubscription } from '@tessera/sdk';
import { show } from './amounts.ts';
import { StoryFailure } from './failure.ts';
import type { Person } from './person.ts';
import type { Print } from './print.ts';

const WAIT_MS = 20_000;
/** The protocol has no answer to a subscribe message, so there is nothing to wait for but time. */
const SETTLE_MS = 1_000;

export type OrderEvent = OrderUpdatedSubscription['orderUpdated'];
export type BalanceEvent = BalanceUpdatedSubscription['balanceUpdated'];

/** Live events in the background: each is printed as it comes, and kept for the step that expects it. */
export interface Watch<Event> {
  /** The first event, past or to come, that fits. @throws StoryFailure after 20 s */
  until(what: string, fits: (event: Event) => boolean): Promise<Event>;
}

interface Source<Event> {
  readonly events: (signal: AbortSignal) => AsyncIterable<Event>;
  readonly onEvent: (event: Event) => void;
}

export function watchOrders({ client, name }: Person, print: Print, signal: AbortSignal): Watch<OrderEvent> {
  const onEvent = ({ kind, order }: OrderEvent) => {
    const payments = order?.payments?.map(({ state }) => state).join(', ');
    print.live(
      name,
      `order ${order?.number ?? '?'}: ${kind}${order ? `, now ${order.state}` : ''}${payments ? `, payment ${payments}` : ''}`,
    );
  };
  const events = async function* () {
    for await (const { data } of client.subscribe(OrderUpdatedDocument, {}, { signal })) yield data.orderUpdated;
  };
  return watch({ events, onEvent }, signal);
}

export function watchBalance({ client, name }: Person, print: Print, signal: AbortSignal): Watch<BalanceEvent> {
  const onEvent = ({ kind, balance, available, transfer }: BalanceEvent) => {
    const moved = transfer ? ` ${show(transfer.amount)}` : '';
    print.live(name, `${kind}${moved}: balance ${show(balance)}, available ${show(available)}`);
  };
  const events = async function* () {
    for await (const { data } of client.subscribe(BalanceUpdatedDocument, {}, { signal })) yield data.balanceUpdated;
  };
  return watch({ events, onEvent }, signal);
}

export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

function watch<Event>({ events, onEvent }: Source<Event>, signal: AbortSignal): Watch<Event> {
  const seen: Event[] = [];
  let failure: unknown;
  let wake: () => void = () => undefined;

  const listen = async (): Promise<void> => {
    try {
      for await (const event of events(signal)) {
        seen.push(event);
        onEvent(event);
        wake();
      }
      failure = new StoryFailure('The platform ended a subscription.');
    } catch (error) {
      failure = error;
    }
    wake();
  };
  void listen();

  return {
    until: async (what, fits) => {
      const endsAt = Date.now() + WAIT_MS;
      for (;;) {
        const event = seen.find(fits);
        if (event) return event;
        if (failure) throw failure;
        if (Date.now() > endsAt) throw new StoryFailure(`No live event within ${WAIT_MS / 1_000} s: ${what}.`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, endsAt - Date.now() + 1);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}
