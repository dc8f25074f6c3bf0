import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { SERVICES } from '@tessera/schema/contract';
import { emitSubgraphs } from './emit.ts';

const EMIT_ONE = 'process.stdout.write((await (await import("./emit.ts")).emitSubgraphs([process.argv[1]])).get(process.argv[1]))';

/** In a process of its own: type-graphql keeps its metadata in one store per process. */
function emitAlone(service: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', EMIT_ONE, service], { cwd: import.meta.dirname, encoding: 'utf8' });
}

describe('emitting the subgraphs', () => {
  it('MUST give the same SDL in one process as alone, in whatever order they are built', async () => {
    const together = await emitSubgraphs([...SERVICES].reverse());
    for (const service of SERVICES) expect(together.get(service)).toBe(emitAlone(service));
    expect(await emitSubgraphs(SERVICES)).toEqual(new Map(SERVICES.map((service) => [service, together.get(service)])));
  });
});
