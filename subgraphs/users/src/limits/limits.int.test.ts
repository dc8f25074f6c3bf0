import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { actAs } from '@tessera/service-kit/testing';
import { anAddress, PASSWORD, startUsers, type UsersUnderTest } from '../../test/users-under-test.ts';
import { createLimits, type Limits } from './limits.ts';

const OPEN = 'mutation ($input: SessionOpenInput!) { result: sessionOpen(input: $input) { __typename } }';
const REGISTER = 'mutation ($input: UserRegisterInput!) { result: userRegister(input: $input) { __typename } }';
const VERIFY = 'mutation ($input: EmailVerifyInput!) { result: emailVerify(input: $input) { __typename } }';

const lines: string[] = [];
const note = (_facts: object, message: string) => void lines.push(message);
const log = { debug: note, info: note, warn: note, error: note };
let users: UsersUnderTest;
let unreachable: Limits;
beforeAll(async () => {
  users = await startUsers({ loginLimitPerAccount: 3, loginLimitPerAddress: 4, registerLimitPerAddress: 2 });
  unreachable = createLimits({
    redisUrl: 'redis://127.0.0.1:1',
    loginLimitPerAccount: 9,
    loginLimitPerAddress: 9,
    registerLimitPerAddress: 9,
    log,
  });
});
afterAll(async () => {
  await unreachable.close();
  await users.close();
});

const from = (clientAddress: string) => ({ ...actAs.visitor(), clientAddress });
const send = async (query: string, clientAddress: string, input: object) =>
  (await users.data<{ result: { __typename: string } }>(from(clientAddress), query, { input })).result.__typename;

describe('limits per client address', () => {
  it('count failed log-ins and codes of all accounts together', async () => {
    const { email } = await users.aUser();
    for (let guess = 1; guess <= 2; guess += 1) {
      expect(await send(OPEN, '192.0.2.1', { email: anAddress(), password: 'a wrong password, long' })).toBe('CredentialsInvalid');
      expect(await send(VERIFY, '192.0.2.1', { email: anAddress(), code: '123456' })).toBe('CodeInvalid');
    }
    expect(await send(OPEN, '192.0.2.1', { email, password: PASSWORD })).toBe('RateLimited');
    expect(await send(VERIFY, '192.0.2.1', { email, code: '123456' })).toBe('RateLimited');
    expect(await send(OPEN, '192.0.2.2', { email, password: PASSWORD })).toBe('SessionOpened');
  });

  it('count registrations', async () => {
    const register = () => send(REGISTER, '192.0.2.3', { email: anAddress(), password: PASSWORD, displayName: 'Ada' });
    expect([await register(), await register(), await register()]).toEqual(['RegistrationAccepted', 'RegistrationAccepted', 'RateLimited']);
  });
});

describe('limits per account', () => {
  it('count wrong codes apart from log-ins: a stranger cannot lock the owner out', async () => {
    const { email } = await users.aUser();
    const guess = (turn: number) => send(VERIFY, `198.51.100.${turn}`, { email, code: '123456' });
    for (let turn = 1; turn <= 3; turn += 1) expect(await guess(turn)).toBe('CodeInvalid');
    expect(await guess(4)).toBe('RateLimited');
    expect(await send(OPEN, '198.51.100.5', { email, password: PASSWORD })).toBe('SessionOpened');
  });
});

describe('limits that cannot be counted', () => {
  it('MUST refuse while Redis is away, soon', async () => {
    const startedAt = performance.now();
    const attempt = { emailKey: 'k', clientAddress: null };
    const waits = await Promise.all([
      unreachable.loginWait(attempt),
      unreachable.countLoginFailure(attempt),
      unreachable.codeWait(attempt),
      unreachable.countCodeFailure(attempt),
      unreachable.countRegistration(null),
      unreachable.countMailWish('k', null),
    ]);
    expect(waits).toEqual(Array(6).fill(5_000));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(lines).toEqual(['limits cannot be counted, so they refuse']);
  });
});
