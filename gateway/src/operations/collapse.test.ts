import { describe, expect, it } from '@jest/globals';
import type { Viewer } from '@tessera/service-kit/identity';
import { createMetrics } from '@tessera/service-kit/service';
import { createCollapse, type Question, type SharedAnswer } from './collapse.ts';

const viewer: Viewer = {
  kind: 'user',
  principal: 'user:usr_a',
  userId: 'usr_a',
  sessionId: 'ses_a',
  roles: ['CUSTOMER'],
  scopes: new Set(['orders:read'] as const),
  clientAddress: '10.0.0.1',
};
const question: Question = { viewer, seen: null, accept: 'application/json', body: '{"query":"{ me { id } }"}' };
const ok: SharedAnswer = { status: 200, headers: {}, body: '{}' };

/** Counts how often it is really asked; answers when told to. */
function slowAnswer() {
  let asked = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    answer: async () => {
      asked += 1;
      await released;
      return ok;
    },
    release,
    get asked() {
      return asked;
    },
  };
}

describe('equal questions under way', () => {
  it('are asked once, and again once they were answered', async () => {
    const collapse = createCollapse(createMetrics('collapse'));
    const slow = slowAnswer();
    const answers = Promise.all([1, 2, 3].map(() => collapse.ask(question, slow.answer)));
    slow.release();
    expect(await answers).toEqual([ok, ok, ok]);
    expect(slow.asked).toBe(1);
    await collapse.ask(question, slow.answer);
    expect(slow.asked).toBe(2);
  });

  it.each<[string, Question]>([
    ['principal', { ...question, viewer: { ...viewer, principal: 'user:usr_b', userId: 'usr_b' } }],
    ['session', { ...question, viewer: { ...viewer, sessionId: 'ses_b' } }],
    ['role', { ...question, viewer: { ...viewer, roles: ['CUSTOMER', 'ADMIN'] } }],
    ['scope', { ...question, viewer: { ...viewer, scopes: new Set() } }],
    ['address', { ...question, viewer: { ...viewer, clientAddress: '10.0.0.2' } }],
    ['own write', { ...question, seen: 'evt' }],
    ['media type', { ...question, accept: 'application/graphql-response+json' }],
    ['variable', { ...question, body: '{"query":"{ me { id } }","variables":{"a":1}}' }],
  ])('are not equal with another %s', async (_title, other) => {
    const collapse = createCollapse(createMetrics('collapse'));
    const slow = slowAnswer();
    const answers = Promise.all([collapse.ask(question, slow.answer), collapse.ask(other, slow.answer)]);
    slow.release();
    await answers;
    expect(slow.asked).toBe(2);
  });

  it('fail together, and the next is asked anew', async () => {
    const collapse = createCollapse(createMetrics('collapse'));
    const failing = async () => {
      throw new Error('lost');
    };
    const both = await Promise.allSettled([collapse.ask(question, failing), collapse.ask(question, failing)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await collapse.ask(question, async () => ok)).toBe(ok);
  });
});
