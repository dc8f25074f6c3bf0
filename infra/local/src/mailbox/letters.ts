import { randomUUID } from 'node:crypto';
import PostalMime from 'postal-mime';

const MAX_LETTERS = 500;

export interface Letter {
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly receivedAt: string;
}

/** The letters of one run, newest first; the oldest go when there are too many. */
export interface Letters {
  add(raw: Buffer, recipients: readonly string[]): Promise<void>;
  /** Those for one recipient, or all. */
  list(recipient?: string): readonly Letter[];
  get(id: string): Letter | undefined;
}

export function createLetters(): Letters {
  const letters: Letter[] = [];
  return {
    add: async (raw, recipients) => {
      const mail = await PostalMime.parse(raw);
      letters.unshift({
        id: randomUUID(),
        from: mail.from?.address ?? '',
        to: recipients.map((recipient) => recipient.toLowerCase()),
        subject: mail.subject ?? '(no subject)',
        text: mail.text ?? '',
        html: mail.html ?? null,
        receivedAt: new Date().toISOString(),
      });
      letters.length = Math.min(letters.length, MAX_LETTERS);
    },
    list: (recipient) => (recipient ? letters.filter(({ to }) => to.includes(recipient.toLowerCase())) : letters),
    get: (id) => letters.find((letter) => letter.id === id),
  };
}
