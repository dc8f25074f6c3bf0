import { sha256 } from '@tessera/service-kit/crypto';
import { type Connection, type ConnectionArgs, decodeCursor, encodeCursor, pageOf, pageRequest } from '@tessera/service-kit/pagination';
import type { Reads } from '../reading/reads.ts';
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
  readonly reads: Reads;
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
    const { reads, wallet, range } = this.#parts;
    this.#bounds ??= reads.run((em) => readBounds(em, wallet.id, range));
    return this.#bounds;
  }

  async totals(): Promise<StatementTotals> {
    const bounds = await this.bounds();
    this.#totals ??= this.#parts.reads.run((em) => readTotals(em, bounds));
    return this.#totals;
  }

  /** All lines in order, page by page: memory holds one page, whatever the number of lines. */
  async *pages(size: number): AsyncGenerator<readonly StatementRow[]> {
    const bounds = await this.bounds();
    for (let from: StatementPlace | null = null; ; ) {
      const rows: readonly StatementRow[] = await this.#rows(bounds, { from, limit: size });
      if (rows.length > 0) yield rows;
      from = rows.at(-1) ?? null;
      if (rows.length < size) return;
    }
  }

  /** One page of the list of lines, oldest first. */
  async page<Node>(args: ConnectionArgs, cursorSecret: string, toNode: (row: StatementRow) => Node): Promise<Connection<Node>> {
    const { reads, wallet, range } = this.#parts;
    const request = pageRequest(args);
    const filterHash = sha256(JSON.stringify([wallet.id, range.from, range.to]), 'base64url').slice(0, FILTER_HASH_LENGTH);
    const bounds = await this.bounds();
    const from = request.cursor ? placeOf(decodeCursor(request.cursor, filterHash, cursorSecret).sortKey) : null;
    const rows = await this.#rows(bounds, { from, isBackward: request.isBackward, limit: request.size + 1 });
    return pageOf(rows, request, {
      node: toNode,
      cursor: ({ createdAt, sequence, transferId }) =>
        encodeCursor({ sortKey: [createdAt, sequence], id: transferId, filterHash }, cursorSecret),
      countAll: () => reads.run((em) => countRows(em, bounds)),
    });
  }

  #rows(bounds: StatementBounds, page: Parameters<typeof readRows>[2]): Promise<StatementRow[]> {
    return this.#parts.reads.run((em) => readRows(em, bounds, page));
  }
}

/** The filter hash was right, so it is a cursor of this list. */
function placeOf([createdAt, sequence]: readonly unknown[]): StatementPlace {
  return { createdAt: createdAt as Date, sequence: sequence as bigint };
}
