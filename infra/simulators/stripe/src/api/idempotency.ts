import { createHash } from 'node:crypto';
import type { Account } from '../account/account.ts';
import type { SavedAnswer } from '../account/tables.ts';
import { ApiError } from './errors.ts';

const KEPT_MS = 24 * 3_600_000;
const MAX_KEY_CHARACTERS = 255;
/** Old answers are cleared away once in this many. */
const SAVES_BETWEEN_SWEEPS = 500;

/** v1 idempotency, https://docs.stripe.com/api/idempotent_requests. Running keys are in memory: what a kill interrupts has no effect either. */
export interface Idempotency {
  /**
   * Takes the key, until `end`; or answers what was saved under it.
   * @throws ApiError 409 idempotency_key_in_use while it runs, 400 idempotency_error for another request under the same key
   */
  begin(key: string, fingerprint: string): SavedAnswer | undefined;
  /** In the transaction of the effects. */
  save(key: string, answer: Pick<SavedAnswer, 'fingerprint' | 'status' | 'body' | 'request'>): void;
  end(key: string): void;
}

export function createIdempotency(account: Account): Idempotency {
  const running = new Map<string, string>();
  let saves = 0;
  const isOld = ({ saved_at_ms: savedAtMs }: SavedAnswer): boolean => savedAtMs + KEPT_MS <= account.clock.nowMs();
  return {
    begin: (key, fingerprint) => {
      if (key.length > MAX_KEY_CHARACTERS) {
        throw new ApiError(
          400,
          { type: 'invalid_request_error', message: `Idempotency keys must be at most ${MAX_KEY_CHARACTERS} characters long.` },
          false,
        );
      }
      const saved = account.store.get('saved_answer', key);
      const known = saved && !isOld(saved) ? saved : undefined;
      const other = known?.fingerprint ?? running.get(key);
      if (other !== undefined && other !== fingerprint) throw otherRequest(key);
      if (running.has(key)) throw inUse(key);
      if (!known) running.set(key, fingerprint);
      return known;
    },
    save: (key, answer) => {
      account.store.put('saved_answer', { id: key, ...answer, saved_at_ms: account.clock.nowMs() });
      saves += 1;
      if (saves % SAVES_BETWEEN_SWEEPS !== 0) return;
      for (const old of account.store.list('saved_answer').filter(isOld)) account.store.remove('saved_answer', old.id);
    },
    end: (key) => {
      running.delete(key);
    },
  };
}

/** Of the endpoint and the parameters, whatever their order. */
export function fingerprintOf(method: string, path: string, form: unknown): string {
  return createHash('sha256')
    .update(`${method} ${path} ${JSON.stringify(sorted(form))}`)
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}

function otherRequest(key: string): ApiError {
  const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`;
  return new ApiError(400, { type: 'idempotency_error', message }, false);
}

function inUse(key: string): ApiError {
  const message = `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`;
  return new ApiError(409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message }, false);
}
