import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SMTPServer } from 'smtp-server';
import { LOOPBACK } from '../ports.ts';
import { createLetters, type Letters } from './letters.ts';
import { letterPage, listPage } from './page.ts';

const MAX_LETTER_BYTES = 5_000_000;

export interface Mailbox {
  readonly smtpUrl: string;
  /** The page for people; `${url}/api/messages?to=` is the same as JSON. */
  readonly url: string;
  close(): Promise<void>;
}

/** Takes every letter that the local stack sends and shows it, so that nothing leaves the machine. Kept in memory only. */
export async function startMailbox({ smtpPort, httpPort }: { readonly smtpPort: number; readonly httpPort: number }): Promise<Mailbox> {
  const letters = createLetters();
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    size: MAX_LETTER_BYTES,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        letters.add(Buffer.concat(chunks), recipients).then(() => done(), done);
      });
    },
  });
  const http = createServer((request, response) => answer(letters, request, response));
  await Promise.all([
    listening(() => smtp.listen(smtpPort, LOOPBACK), smtp.server),
    listening(() => http.listen(httpPort, LOOPBACK), http),
  ]);
  return {
    smtpUrl: `smtp://${LOOPBACK}:${smtpPort}`,
    url: `http://${LOOPBACK}:${httpPort}`,
    close: async () => {
      http.closeAllConnections();
      await Promise.all([new Promise<void>((done) => smtp.close(() => done())), new Promise((done) => http.close(done))]);
    },
  };
}

function answer(letters: Letters, { url, method }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://mailbox');
  const [, id] = /^\/(?:api\/)?messages\/([\w-]+)$/.exec(pathname) ?? [];
  const letter = id ? letters.get(id) : undefined;
  const isApi = pathname.startsWith('/api/');
  if (method !== 'GET') return send(response, 405, 'text/plain', 'This mailbox can only be read.');
  if (letter)
    return isApi ? send(response, 200, 'application/json', JSON.stringify(letter)) : send(response, 200, 'text/html', letterPage(letter));
  if (pathname === '/api/messages')
    return send(response, 200, 'application/json', JSON.stringify({ messages: letters.list(searchParams.get('to') ?? undefined) }));
  if (pathname === '/') return send(response, 200, 'text/html', listPage(letters.list(searchParams.get('to') ?? undefined)));
  return send(response, 404, isApi ? 'application/json' : 'text/plain', isApi ? '{"error":"no such message"}' : 'No such page.');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:",
  });
  response.end(body);
}

function listening(
  listen: () => void,
  server: { once(event: 'listening' | 'error', listener: (error?: Error) => void): unknown },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve());
    server.once('error', reject);
    listen();
  });
}
