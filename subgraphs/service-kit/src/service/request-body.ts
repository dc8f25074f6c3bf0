import type { IncomingMessage } from 'node:http';
import { TesseraError } from '../errors/index.ts';

/** Answered with 413. */
export class PayloadTooLarge extends TesseraError {
  override readonly name = 'PayloadTooLarge';
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super('BAD_USER_INPUT', `The body is larger than ${limitBytes} bytes.`, { limitBytes });
    this.limitBytes = limitBytes;
  }
}

/**
 * The whole body, held in memory up to the limit. What comes beyond it is dropped unread, so that the client gets its answer on a connection
 * that is still usable; how long that may last is bounded by the time a request may take. Compressed bodies are refused: nothing here inflates.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding && encoding !== 'identity') {
    return Promise.reject(new TesseraError('BAD_USER_INPUT', 'A compressed body is not accepted: send it without Content-Encoding.'));
  }
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
    request.resume();
    return Promise.reject(new PayloadTooLarge(limitBytes));
  }
  return collect(request, limitBytes);
}

function collect(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(new PayloadTooLarge(limitBytes));
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => {
      // Every request closes in the end: an error for nobody would cost more than the rest of this function.
      if (!request.complete) reject(new TesseraError('BAD_USER_INPUT', 'The connection closed before the body was complete.'));
    });
  });
}
