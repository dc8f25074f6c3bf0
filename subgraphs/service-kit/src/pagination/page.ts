import { TesseraError } from '../errors/index.ts';
import type { Connection, ConnectionArgs } from './connection.type.ts';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;

export interface PageRequest {
  readonly size: number;
  readonly isBackward: boolean;
  /** The cursor to continue from, still encoded. */
  readonly cursor: string | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
}

/** Checks `first`/`after` or `last`/`before`. @throws TesseraError BAD_USER_INPUT for both at once or a size outside 1 to 100. */
export function pageRequest({ first, after, last, before }: ConnectionArgs): PageRequest {
  if ((first ?? null) !== null && (last ?? null) !== null) throw refused('Ask for first or last, not for both.');
  if ((after ?? null) !== null && (before ?? null) !== null) throw refused('Continue after or before a cursor, not both.');
  const isBackward = (last ?? null) !== null || (before ?? null) !== null;
  if (isBackward && ((first ?? null) !== null || (after ?? null) !== null)) throw refused('Use first with after, or last with before.');
  const size = (isBackward ? last : first) ?? DEFAULT_SIZE;
  if (size < 1 || size > MAX_SIZE) throw refused(`A page holds 1 to ${MAX_SIZE} entries; ${size} were asked for.`);
  return { size, isBackward, cursor: (isBackward ? before : after) ?? null };
}

/**
 * Turns up to size + 1 rows, read in the direction of the request, into a connection in list order.
 * @param rows as read: for a backward page in reverse order
 */
export function pageOf<Row, Node>(
  rows: readonly Row[],
  { size, isBackward, cursor }: PageRequest,
  parts: { readonly node: (row: Row) => Node; readonly cursor: (row: Row) => string; readonly countAll: () => Promise<number | null> },
): Connection<Node> {
  const hasMore = rows.length > size;
  const kept = rows.slice(0, size);
  if (isBackward) kept.reverse();
  const edges = kept.map((row) => ({ node: parts.node(row), cursor: parts.cursor(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: isBackward ? cursor !== null : hasMore,
      hasPreviousPage: isBackward ? hasMore : cursor !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    countAll: parts.countAll,
  };
}

function refused(message: string): TesseraError {
  return new TesseraError('BAD_USER_INPUT', message);
}
