import type { Journal } from './journal.ts';
import { openJournal, readJournal } from './journal.ts';
import { TABLE_NAMES, type TableName, type Tables } from './tables.ts';

/** Everything that the account holds. Records are never changed in place: a put replaces one, so a snapshot in an event stays as it was. */
export interface Store {
  get<N extends TableName>(table: N, id: string): Tables[N] | undefined;
  /** Oldest first. */
  list<N extends TableName>(table: N): Tables[N][];
  put<N extends TableName>(table: N, record: Tables[N]): Tables[N];
  remove(table: TableName, id: string): void;
  /**
   * All changes of `work`, or none of them when it throws something that `keeps` does not accept. Inner transactions join the outer one.
   */
  transaction<T>(work: () => T, keeps?: (error: unknown) => boolean): T;
  /** Everything goes, with the journal; with `kept`, all but these tables, as one transaction. */
  clear(kept?: readonly TableName[]): void;
  close(): void;
}

type AnyRecord = Tables[TableName];
type Rows = Map<string, AnyRecord>;

/** Held in memory; with a file, every transaction is in its journal before it returns. */
export function createStore(dataFile?: string): Store {
  const tables = new Map<string, Rows>(TABLE_NAMES.map((name) => [name, new Map()]));
  const journal = dataFile === undefined ? undefined : replay(tables, dataFile);
  /** Of the transaction that is open: what each touched record was before it. */
  let before: Map<string, { table: TableName; id: string; record: AnyRecord | undefined }> | undefined;

  const rows = (table: TableName): Rows => tables.get(table) as Rows; // every name has its map from the start
  const change = (table: TableName, id: string, record: AnyRecord | undefined): void => {
    const key = `${table}/${id}`;
    if (before && !before.has(key)) before.set(key, { table, id, record: rows(table).get(id) });
    if (record) rows(table).set(id, record);
    else rows(table).delete(id);
  };
  const commit = (): void => {
    const touched = [...(before?.values() ?? [])];
    before = undefined;
    if (touched.length === 0 || !journal) return;
    const put = touched.flatMap(({ table, id }) => {
      const record = rows(table).get(id);
      return record ? [[table, record] as const] : [];
    });
    const removed = touched.filter(({ table, id }) => !rows(table).has(id)).map(({ table, id }) => [table, id] as const);
    journal.append({ put, removed });
  };
  const undo = (): void => {
    for (const { table, id, record } of [...(before?.values() ?? [])].reverse()) {
      if (record) rows(table).set(id, record);
      else rows(table).delete(id);
    }
    before = undefined;
  };
  const transaction = <T>(work: () => T, keeps: (error: unknown) => boolean = () => false): T => {
    if (before) return work();
    before = new Map();
    try {
      const result = work();
      commit();
      return result;
    } catch (error) {
      if (keeps(error)) commit();
      else undo();
      throw error;
    }
  };
  return {
    get: <N extends TableName>(table: N, id: string) => rows(table).get(id) as Tables[N] | undefined, // put keeps names and types together
    list: <N extends TableName>(table: N) => [...rows(table).values()] as Tables[N][], // as above
    put: (table, record) => {
      transaction(() => change(table, record.id, record));
      return record;
    },
    remove: (table, id) => transaction(() => change(table, id, undefined)),
    transaction,
    clear: (kept = []) => {
      if (kept.length > 0) {
        const gone = TABLE_NAMES.filter((table) => !kept.includes(table));
        transaction(() => {
          for (const table of gone) for (const id of [...rows(table).keys()]) change(table, id, undefined);
        });
        return;
      }
      for (const map of tables.values()) map.clear();
      journal?.clear();
    },
    close: () => journal?.close(),
  };
}

function replay(tables: Map<string, Rows>, dataFile: string): Journal {
  for (const { put, removed } of readJournal(dataFile)) {
    for (const [table, record] of put) tables.get(table)?.set(record.id, record as AnyRecord); // what `commit` wrote
    for (const [table, id] of removed) tables.get(table)?.delete(id);
  }
  const compacted = [...tables].flatMap(([table, rows]) =>
    [...rows.values()].map((record) => ({ put: [[table, record] as const], removed: [] })),
  );
  return openJournal(dataFile, compacted);
}
