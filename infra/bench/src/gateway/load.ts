import { connect } from 'node:net';

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** Bodies of POST /graphql, in turn. */
  readonly bodies: readonly string[];
  /** Sent with every request, as by a client that keeps what it was given. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of `bodies`, where no two requests are the same: the next one of a connection. */
  readonly write?: (connection: number) => Buffer;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly elapsedMs: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** A load generator that costs as little as it can: keep-alive sockets, requests written beforehand, answers counted by their length. */
export async function load({ port, connections, durationMs, bodies, headers = {}, write }: LoadOptions): Promise<LoadResult> {
  const requests = bodies.map((body) => requestOf(body, port, headers));
  let next = 0;
  const inTurn = (): Buffer => {
    next += 1;
    return requests[(next - 1) % requests.length] ?? Buffer.alloc(0);
  };
  const state = { requests: 0, failures: 0, until: performance.now() + durationMs, latencies: [] as number[] };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, (_, at) => drive(port, write ? () => write(at) : inTurn, state)));
  const sorted = Float64Array.from(state.latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { requests: state.requests, failures: state.failures, elapsedMs: performance.now() - startedAt, p50: at(0.5), p99: at(0.99) };
}

interface State {
  requests: number;
  failures: number;
  readonly until: number;
  readonly latencies: number[];
}

export function requestOf(body: string, port: number, headers: Readonly<Record<string, string>>): Buffer {
  const more = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** How an answer with errors begins: also a hash that nobody knows is answered with 200. */
const ERRORS = Buffer.from('{"errors"');
const HEAD_END = Buffer.from('\r\n\r\n');

/** One connection: a request, its whole answer, the next. */
function drive(port: number, nextRequest: () => Buffer, state: State): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let head: Buffer = Buffer.alloc(0);
    let missing = -1;
    let sentAt = 0;
    const send = (): void => {
      if (performance.now() >= state.until) {
        socket.destroy();
        resolve();
        return;
      }
      const request = nextRequest();
      sentAt = performance.now();
      socket.write(request);
    };
    const finish = (): void => {
      state.requests += 1;
      state.latencies.push(performance.now() - sentAt);
      missing = -1;
      head = Buffer.alloc(0);
      send();
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      if (missing >= 0) {
        missing -= chunk.length;
        if (missing === 0) finish();
        return;
      }
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = head.indexOf(HEAD_END);
      if (end === -1) return;
      const text = head.toString('latin1', 0, end);
      const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) {
        reject(new Error('An answer has no length.'));
        socket.destroy();
        return;
      }
      const start = end + HEAD_END.length;
      if (head.length < start + Math.min(length, ERRORS.length)) return; // the beginning of the body is still to come
      const isError = head.subarray(start, start + ERRORS.length).equals(ERRORS);
      if (isError || !text.startsWith('HTTP/1.1 200')) state.failures += 1;
      missing = length - (head.length - start);
      if (missing === 0) finish();
    });
  });
}
