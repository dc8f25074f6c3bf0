import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '../ports.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';

describe('the mailbox', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await startMailbox({ smtpPort: await findFreePort(0), httpPort: await findFreePort(0) });
  });
  afterAll(() => mailbox.close());

  it('shows a letter that came by SMTP to its recipient only, as JSON and as a page with its text escaped', async () => {
    await sendLetter(mailbox.smtpUrl, 'ada@example.com', 'Subject: Your code\r\n\r\nIt is <b>123</b>.\r\n');
    const mine = await fetchJson(`${mailbox.url}/api/messages?to=Ada@example.com`);
    expect(mine.messages).toEqual([
      expect.objectContaining({ subject: 'Your code', to: ['ada@example.com'], text: expect.stringContaining('<b>123</b>') }),
    ]);
    expect((await fetchJson(`${mailbox.url}/api/messages?to=other@example.com`)).messages).toEqual([]);
    const page = await (await fetch(`${mailbox.url}/messages/${mine.messages[0]?.id}`)).text();
    expect(page).toContain('&#60;b&#62;123');
  });

  it('answers 404 for an unknown letter', async () => {
    expect((await fetch(`${mailbox.url}/api/messages/none`)).status).toBe(404);
  });
});

async function fetchJson(url: string): Promise<{ messages: { id: string }[] }> {
  return (await fetch(url)).json() as Promise<{ messages: { id: string }[] }>; // the shape is what the test asserts
}

/** Speaks SMTP by hand: one command per answer. */
function sendLetter(smtpUrl: string, to: string, content: string): Promise<void> {
  const { hostname, port } = new URL(smtpUrl);
  const lines = ['EHLO test', 'MAIL FROM:<shop@example.com>', `RCPT TO:<${to}>`, 'DATA', `${content}\r\n.`, 'QUIT'];
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('data', (text: string) => {
      if (/^[45]\d\d/m.test(text)) reject(new Error(text));
      if (/^\d{3} /m.test(text)) {
        const line = lines.shift();
        if (line) socket.write(`${line}\r\n`);
      }
    });
  });
}
