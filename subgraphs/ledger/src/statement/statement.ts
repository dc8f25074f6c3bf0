import { sha256 } from '@tessera/service-kit/crypto';
import { type Connection, type ConnectionArgs, decodeCursor, encodeCursor, pageOf, pageRequest } from '@tessera/service-kit/pagination';
import type { EntityManager } from '@tessera/service-kit/persistence';
import {
  countRows,
  readBounds,
  readRows,
  readTotals,
  type StatementBounds,
  type StatementPlace,
  type StatementRow,
  type StatementTotals,
} from './read-statement.ts';
import type { StatementRange } from './statement-range.ts';

const FILTER_HASH_LENGTH = 16;

export interface StatementParts {
  readonly em: EntityManager;
  readonly wallet: { readonly id: string; readonly currency: string };
  readonly range: StatementRange;
}

/** A statement that reads what is asked of it: the bounds first and once, so that everything else fits between them. */
export class StatementReader {
  readonly #parts: StatementParts;
  #bounds: Promise<StatementBounds> | undefined;
  #totals: Promise<StatementTotals> | undefined;

  constructor(parts: StatementParts) {
    this.#parts = parts;
  }

  bounds(): Promise<StatementBounds> {
    const { em, wallet, range } = this.#parts;
    this.#bounds ??= readBounds(em, wallet.id, range);
    return this.#bounds;
  }

  async totals(): Promise<StatementTotals> {
    const bounds = await this.bounds();
    this.#totals ??= readTotals(this.#parts.em, bounds);
    return this.#totals;
  }

  /** All lines in order, page by page: memory holds one page, whatever the number of lines. */
  async *pages(size: number): AsyncGenerator<readonly StatementRow[]> {
    const bounds = await this.bounds();
    for (let from: StatementPlace | null = null; ; ) {
      const rows: readonly StatementRow[] = await readRows(this.#parts.em, bounds, { from, limit: size });
      if (rows.length > 0) yield rows;
      from = rows.at(-1) ?? null;
      if (rows.length < size) return;
    }
  }

  /** One page of the list of lines, oldest first. */
  async page<Node>(args: ConnectionArgs, cursorSecret: string, toNode: (row: StatementRow) => Node): Promise<Connection<Node>> {
    const { em, wallet, range } = this.#parts;
    const request = pageRequest(args);
    const filterHash = sha256(JSON.stringify([wallet.id, range.from, range.to]), 'base64url').slice(0, FILTER_HASH_LENGTH);
    const bounds = await this.bounds();
    const from = request.cursor ? placeOf(decodeCursor(request.cursor, filterHash, cursorSecret).sortKey) : null;
    const rows = await readRows(em, bounds, { from, isBackward: request.isBackward, limit: request.size + 1 });
    return pageOf(rows, request, {
      node: toNode,
      cursor: ({ createdAt, sequence, transferId }) =>
        encodeCursor({ sortKey: [createdAt, sequence], id: transferId, filterHash }, cursorSecret),
      countAll: () => countRows(em, bounds),
    });
  }
}

/** The filter hash was right, so it is a cursor of this list. */
function placeOf([createdAt, sequence]: readonly unknown[]): StatementPlace {
  return { createdAt: createdAt as Date, sequence: sequence as bigint };
}
