import { createHash } from 'node:crypto';
import type { EntityClass, FilterQuery, QueryOrderMap } from '@mikro-orm/core';
import { ensure } from '../errors/index.ts';
import type { EntityManager } from '../persistence/index.ts';
import type { Connection, ConnectionArgs } from './connection.type.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { pageOf, pageRequest } from './page.ts';

/** A not-null property to sort by; `id` is always added as the last key. */
export interface SortKey<Entity> {
  readonly property: keyof Entity & string;
  readonly direction: 'asc' | 'desc';
}

export interface PaginateOptions<Entity, Node> {
  readonly entity: EntityClass<Entity>;
  /** Visibility and the caller's filter together. */
  readonly where: FilterQuery<Entity>;
  readonly sort: readonly SortKey<Entity>[];
  readonly args: ConnectionArgs;
  /** What the caller filtered and sorted by: a cursor is refused when this has changed. */
  readonly filter: unknown;
  /** Signs the cursors; `cursorSecret` of the request context. */
  readonly secret: string;
  readonly toNode: (entity: Entity) => Node;
}

type SortValue = string | number | bigint | Date | null;

/** One keyset page of a list, with driver-neutral operations only: no offset, no raw SQL. */
export async function paginate<Entity extends { id: string }, Node>(
  em: EntityManager,
  options: PaginateOptions<Entity, Node>,
): Promise<Connection<Node>> {
  const request = pageRequest(options.args);
  const filterHash = hashOf([options.entity.name, options.sort, options.filter]);
  const keys: readonly SortKey<Entity>[] = [...options.sort, { property: 'id', direction: options.sort[0]?.direction ?? 'asc' }];
  const directions = keys.map(({ property, direction }) => ({ property, isAscending: (direction === 'asc') !== request.isBackward }));
  const beyond = request.cursor ? [beyondCursor(directions, decodeCursor(request.cursor, filterHash, options.secret))] : [];
  const rows = await em.find(
    options.entity,
    { $and: [options.where, ...beyond] } as FilterQuery<Entity>,
    {
      orderBy: directions.map(({ property, isAscending }) => ({ [property]: isAscending ? 'asc' : 'desc' }) as QueryOrderMap<Entity>), // a computed key loses its type
      limit: request.size + 1,
    } as never,
  ); // generic entity options cannot be narrowed further
  return pageOf(rows as Entity[], request, {
    node: options.toNode,
    cursor: (row) =>
      encodeCursor({ sortKey: options.sort.map(({ property }) => row[property] as SortValue), id: row.id, filterHash }, options.secret),
    countAll: () => em.count(options.entity, options.where as never),
  });
}

/** (a, b, id) beyond the cursor as a disjunction: a > x, or a = x and b > y, or … */
function beyondCursor(
  directions: readonly { readonly property: string; readonly isAscending: boolean }[],
  cursor: { readonly sortKey: readonly SortValue[]; readonly id: string },
): object {
  const values = [...cursor.sortKey, cursor.id];
  return {
    $or: directions.map(({ property, isAscending }, index) => ({
      ...Object.fromEntries(directions.slice(0, index).map((earlier, at) => [earlier.property, ensure(values[at], 'sort value')])),
      [property]: { [isAscending ? '$gt' : '$lt']: ensure(values[index], 'sort value') },
    })),
  };
}

function hashOf(filter: unknown): string {
  const text = JSON.stringify(filter, (_key, value: unknown) => (typeof value === 'bigint' ? `n${value}` : value)) ?? '';
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
