export const SERVICES = ['users', 'catalog', 'orders', 'payments', 'ledger'] as const;
export type Service = (typeof SERVICES)[number];

/** Runs a query in the read-only snapshot of one service's database. */
export type Ask = <Row extends Record<string, unknown>>(service: Service, sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
