import { describe, expect, test } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { SocketRegistry } from './socket-registry.ts';

const PER_USER = 2;

describe('the sockets of one owner', () => {
  test('are bounded, and one that closes makes room, once', () => {
    const registry = new SocketRegistry(PER_USER);
    const [first, second, third] = [open(registry), open(registry), open(registry)];
    expect([first, second, third].map(({ entry }) => entry.identify(aUser('usr_a')))).toEqual([true, true, false]);
    expect(open(registry).entry.identify(aUser('usr_b'))).toBe(true);

    third.entry.remove();
    expect(open(registry).entry.identify(aUser('usr_a'))).toBe(false);
    first.entry.remove();
    first.entry.remove();
    expect([open(registry), open(registry)].map(({ entry }) => entry.identify(aUser('usr_a')))).toEqual([true, false]);
  });

  test('are closed together, and no others', () => {
    const registry = new SocketRegistry(PER_USER);
    const [mine, other, nobody] = [open(registry), open(registry), open(registry)];
    mine.entry.identify(aUser('usr_a'));
    other.entry.identify(aUser('usr_b'));
    registry.closeWhere(({ userId }) => userId === 'usr_a', 4_403, 'Session ended');
    expect([mine, other, nobody].map(({ closes }) => closes)).toEqual([[4_403], [], []]);
  });
});

function open(registry: SocketRegistry) {
  const closes: number[] = [];
  return { closes, entry: registry.add({ close: (code) => void closes.push(code) }) };
}

function aUser(userId: string): Viewer {
  return { kind: 'user', principal: `user:${userId}`, userId, sessionId: null, roles: [], scopes: new Set(), clientAddress: null };
}
