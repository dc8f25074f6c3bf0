import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { eventually } from '@tessera/service-kit/testing';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: string;
  readonly source: string;
}

/** A real SMTP server that keeps what it is given. */
export interface Mailbox {
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** While true, every letter is refused for the moment. */
  isRefusing: boolean;
  /** The letters to an address, once there are so many. */
  mailsTo(address: string, count?: number): Promise<readonly ReceivedMail[]>;
  /** The code in the latest letter to an address. */
  codeFor(address: string, count?: number): Promise<string>;
  close(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (mailbox.isRefusing) return done(Object.assign(new Error('try later'), { responseCode: 451 }));
        mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', source: Buffer.concat(chunks).toString('utf8') });
        done();
      });
    },
  });
  server.on('error', () => undefined); // a client that goes away is no concern of a test
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo; // it listens on TCP
  const mailbox: Mailbox = {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    isRefusing: false,
    mailsTo: (address, count = 1) =>
      eventually(`${count} letters to ${address}`, async () => {
        const mine = mails.filter(({ to }) => to === address);
        return mine.length >= count && mine;
      }),
    codeFor: async (address, count) => {
      const code = /Subject: (\d{6})/.exec((await mailbox.mailsTo(address, count)).at(-1)?.source ?? '')?.[1];
      if (!code) throw new Error(`no code in the latest letter to ${address}`);
      return code;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  return mailbox;
}
