import type { Service } from '../src/ask.ts';
import type { Plant } from './plants.ts';

const OLD = `now() - interval '5 minutes'`;
const inOrders = (statements: readonly string[]) => statements.map((sql): readonly [Service, string] => ['orders', sql]);
const anEvent = (id: string, sequence: number, position: number | null, more: string = OLD) =>
  `insert into outbox (id, stream, aggregate_id, sequence, position, occurred_at, published_at) values ('${id}', 's', 'a', ${sequence}, ${position}, ${more}, ${position ? 'now()' : 'null'})`;
const aPack = (id: string, events: readonly string[], packed: number) =>
  `insert into outbox (id, stream, aggregate_id, sequence, packed, payload)
   values ('${id}', 's', '${id}', 1, ${packed}, '${JSON.stringify(events.map((event) => ({ id: event, aggregateId: `of ${event}` })))}')`;
const counters = (sequence: number, position: number) => [
  `insert into aggregate_sequences values ('a', ${sequence})`,
  `insert into outbox_streams values ('s', ${position})`,
];

/** The outbox is the same in every service, so one of them stands for all. */
export const outboxPlants: readonly Plant[] = [
  {
    check: 'orders-packs-whole',
    how: 'a row of two events has one',
    healthy: inOrders([aPack('p', ['e1', 'e2'], 2)]),
    broken: inOrders([aPack('q', ['e3'], 2)]),
  },
  {
    check: 'orders-packs-whole',
    how: 'what is packed has an event of its own too',
    healthy: inOrders([aPack('p', ['e1', 'e2'], 2), anEvent('e3', 1, null)]),
    broken: inOrders([`update outbox set aggregate_id = 'of e2' where id = 'e3'`]),
  },
  {
    check: 'orders-packs-whole',
    how: 'a row of several events is no list',
    healthy: inOrders([aPack('p', ['e1', 'e2'], 2)]),
    broken: inOrders([`update outbox set payload = '{}' where id = 'p'`]),
  },
  {
    check: 'orders-positions-contiguous',
    how: 'a position is missing',
    healthy: inOrders([anEvent('e1', 1, 1), anEvent('e2', 2, 2), ...counters(2, 2)]),
    broken: inOrders([anEvent('e4', 3, 4), `update outbox_streams set last_position = 4`]),
  },
  {
    check: 'orders-positions-contiguous',
    how: 'a row of two events has the place of one',
    healthy: inOrders([
      anEvent('e1', 1, 1),
      anEvent('p1', 1, 3),
      `update outbox set packed = 2, aggregate_id = 'p1' where id = 'p1'`,
      ...counters(1, 3),
    ]),
    broken: inOrders([
      anEvent('p2', 1, 4),
      `update outbox set packed = 2, aggregate_id = 'p2' where id = 'p2'`,
      `update outbox_streams set last_position = 4`,
    ]),
  },
  {
    check: 'orders-positions-contiguous',
    how: 'a later event of an aggregate overtook an earlier one',
    healthy: inOrders([anEvent('e1', 1, 1), anEvent('e2', 2, 2), ...counters(2, 2)]),
    broken: inOrders([`update outbox set position = 3 - position`]),
  },
  {
    check: 'orders-sequences-gapless',
    how: 'an event was never written',
    healthy: inOrders([anEvent('e1', 1, 1), ...counters(1, 1)]),
    broken: inOrders([`update aggregate_sequences set sequence = 2`]),
  },
  {
    check: 'orders-sequences-gapless',
    how: 'an event disappears',
    healthy: inOrders([anEvent('e1', 1, 1), anEvent('e2', 2, 2), anEvent('e3', 3, 3), ...counters(3, 3)]),
    broken: inOrders([`delete from outbox where id = 'e2'`]),
  },
  {
    check: 'orders-all-published',
    how: 'an event waits for minutes',
    healthy: inOrders([anEvent('e1', 1, null, 'now()')]),
    broken: inOrders([anEvent('e2', 2, null)]),
  },
  {
    check: 'orders-no-dead-letters',
    how: 'an event could not be handled',
    healthy: inOrders([`insert into dead_letters (id, error, replayed_at) values ('done', 'x', now())`]),
    broken: inOrders([`insert into dead_letters (id, stream, type, error) values ('dead', 's', 't', 'boom')`]),
  },
];
