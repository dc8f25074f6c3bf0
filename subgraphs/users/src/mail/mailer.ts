import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Letter } from './letters.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const SILENCE_TIMEOUT_MS = 3_000;
/** Well below the time that a transaction may be idle: the letter's row is locked meanwhile. */
const SEND_TIMEOUT_MS = 6_000;

/** Sends one letter by SMTP. Throws when the server did not take it within the bound. */
export type SendLetter = (mailId: string, to: string, letter: Letter) => Promise<void>;

export function createMailer({ smtpUrl, mailFrom }: { readonly smtpUrl: string; readonly mailFrom: string }): SendLetter {
  const transport = createTransport(smtpUrl, {
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as never); // the types forget that defaults may follow a URL
  return async (mailId, to, letter) => {
    // The same letter sent twice (a crash after the server took it) has the same Message-ID, so that a mailbox can drop it.
    const sent = transport.sendMail({ from: mailFrom, to: { name: '', address: to }, messageId: `<${mailId}@tessera>`, ...letter });
    await within(SEND_TIMEOUT_MS, sent);
  };
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`the mail server took longer than ${timeoutMs} ms`);
  });
  late.catch(() => undefined); // its end after `work` won is of no interest
  await Promise.race([work, late]).finally(() => timer.abort());
}
