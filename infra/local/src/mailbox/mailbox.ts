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
  const http = createServer((request, response) => send(response, answer(letters, request)));
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

interface Answer {
  readonly status: number;
  readonly type: 'application/json' | 'text/html' | 'text/plain';
  readonly body: string;
}

function answer(letters: Letters, { url, method }: IncomingMessage): Answer {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://mailbox');
  const [, id] = /^\/(?:api\/)?messages\/([\w-]+)$/.exec(pathname) ?? [];
  const letter = id ? letters.get(id) : undefined;
  const isApi = pathname.startsWith('/api/');
  if (method !== 'GET') return { status: 405, type: 'text/plain', body: 'This mailbox can only be read.' };
  if (letter) return isApi ? json(letter) : html(letterPage(letter));
  const recipient = searchParams.get('to') ?? undefined;
  if (pathname === '/api/messages') return json({ messages: letters.list(recipient) });
  if (pathname === '/') return html(listPage(letters.list(recipient)));
  return isApi
    ? { status: 404, type: 'application/json', body: '{"error":"no such message"}' }
    : { status: 404, type: 'text/plain', body: 'No such page.' };
}

function json(content: object): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(content) };
}

function html(body: string): Answer {
  return { status: 200, type: 'text/html', body };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
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
