import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unitOfWork } from '@tessera/service-kit/messaging';
import { actAs, eventually } from '@tessera/service-kit/testing';
import { anAddress, PASSWORD, startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';
import { sendMails } from './send-mails.ts';

const REGISTER = 'mutation ($input: UserRegisterInput!) { userRegister(input: $input) { __typename } }';

let users: UsersUnderTest;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.close());

async function register(displayName = 'Ada'): Promise<string> {
  const email = anAddress();
  await users.data(actAs.visitor(), REGISTER, { input: { email, password: PASSWORD, displayName } });
  return email;
}
const mailTo = async (email: string) =>
  (
    await users.sql<{ attempts: number; content: string | null; sent_at: string | null; failed_at: string | null }>(
      'select * from mails where to_address = $1',
      [email],
    )
  )[0];

describe('a letter', () => {
  it('goes out once, quickly, as text and HTML that shows a name as it is', async () => {
    const startedAt = performance.now();
    const email = await register('<b>Ada & Bob</b>');
    const [mail] = await users.mailbox.mailsTo(email);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(mail?.source).toContain('Hello <b>Ada & Bob</b>,');
    expect(mail?.source.replace(/=\r\n/g, '')).toContain('Hello &#60;b&#62;Ada &#38; Bob&#60;/b&#62;,');
    expect(mail?.source).toMatch(/Message-ID: <mai_\w+@tessera>/);
    expect(
      await eventually('the letter is marked as sent', async () => ((await mailTo(email))?.sent_at ? mailTo(email) : null)),
    ).toMatchObject({ attempts: 1, content: null });
    expect(await users.mailbox.mailsTo(email)).toHaveLength(1);
  });

  it('MUST be sent by one of several workers that see it at once', async () => {
    const { platform, services } = users.subgraph;
    users.mailbox.isRefusing = true;
    const email = await register();
    await eventually('a first attempt', async () => (await mailTo(email))?.attempts === 1);
    const sent: string[] = [];
    const worker = sendMails({
      envelope: services.envelope,
      log: platform.log,
      send: async (_id, to) => {
        sent.push(to);
        await sleep(100);
      },
    });
    const origin = {
      actor: 'service:users',
      correlationId: 'test',
      causationId: null,
      traceparent: null,
      now: new Date(Date.now() + 5_000),
    };
    await Promise.all([1, 2, 3].map(() => unitOfWork(platform.orm.em, origin, worker.run)));
    expect(sent.filter((to) => to === email)).toHaveLength(1);
    users.mailbox.isRefusing = false;
  });

  it('is tried again when the server refuses it for the moment', async () => {
    users.mailbox.isRefusing = true;
    const email = await register();
    await eventually('a first attempt', async () => (await mailTo(email))?.attempts === 1);
    expect(await mailTo(email)).toMatchObject({ sent_at: null, failed_at: null, content: expect.stringMatching(/^ts1\./) });
    users.mailbox.isRefusing = false;
    expect(await users.mailbox.codeFor(email)).toMatch(/^\d{6}$/);
  });

  it('is given up after its last attempt, and its content erased', async () => {
    users.mailbox.isRefusing = true;
    const email = await register();
    await eventually('a first attempt', async () => (await mailTo(email))?.attempts === 1);
    await users.sql('update mails set attempts = 9, next_attempt_at = now() where to_address = $1', [email]);
    expect(await eventually('the end', async () => ((await mailTo(email))?.failed_at ? mailTo(email) : null))).toMatchObject({
      attempts: 10,
      content: null,
      sent_at: null,
    });
    users.mailbox.isRefusing = false;
  });
});
