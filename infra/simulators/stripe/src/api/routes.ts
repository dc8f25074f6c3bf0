import type { Account } from '../account/account.ts';
import { ignored, type Read, readParameters, type Schema } from './parameters.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

export interface Endpoint {
  readonly method: Method;
  /** With at most one `:id`. */
  readonly path: string;
  readonly pattern: RegExp;
  readonly run: (account: Account, form: Readonly<Record<string, unknown>>, id: string) => object;
}

/**
 * One operation of the API. `handle` gets parameters that are read by the schema; it answers the object, which is expanded later on.
 * It is synchronous and runs in one transaction.
 */
export function endpoint<S extends Schema>(
  method: Method,
  path: string,
  schema: S,
  handle: (account: Account, parameters: Read<S>, id: string) => object,
): Endpoint {
  return {
    method,
    path,
    pattern: new RegExp(`^${path.replace(':id', '([\\w-]+)')}$`),
    run: (account, form, id) => handle(account, readParameters({ ...schema, expand: ignored() }, form) as Read<S>, id), // the schema and `expand`
  };
}

export interface Match {
  readonly endpoint: Endpoint;
  readonly id: string;
}

export function findEndpoint(endpoints: readonly Endpoint[], method: string, path: string): Match | undefined {
  for (const candidate of endpoints) {
    const match = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (match) return { endpoint: candidate, id: match[1] ?? '' };
  }
  return undefined;
}
