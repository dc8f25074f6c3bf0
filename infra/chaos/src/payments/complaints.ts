import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../world/world.ts';

const SERVICES = ['orders', 'payments', 'ledger'] as const;
const UNEXPECTED = new Set(['error', 'fatal']);

interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

/** What services call errors themselves: faults of a provider are none, so each of these is a mistake even where all books agree. */
export function complaints({ dataDir }: Pick<World, 'dataDir'>): string[] {
  return SERVICES.flatMap((service) => {
    const counts = new Map<string, number>();
    for (const line of readFileSync(join(dataDir, 'logs', `${service}.log`), 'utf8').split('\n')) {
      const text = complaintOf(line);
      if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts].map(([text, count]) => `${service} logged ${count} times: ${text}`);
  });
}

function complaintOf(line: string): string | null {
  if (line === '') return null;
  try {
    const { level = '', msg = '', err } = JSON.parse(line) as LogLine; // written by the services
    return UNEXPECTED.has(level) ? [msg, err?.message?.split('\n')[0]].filter(Boolean).join(': ') : null;
  } catch {
    return null; // cut off by a kill
  }
}
