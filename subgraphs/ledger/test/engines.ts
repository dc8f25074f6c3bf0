import { createEngine, type Engine, type EngineOptions } from '../src/engine/engine.ts';
import type { TestLedger } from './a-ledger.ts';

/** The engines that a test starts, by default on its own database; `closeAll` ends all of them. */
export function createEngines(ledger: () => TestLedger) {
  const started: Engine[] = [];
  return {
    anEngine: (options: Partial<EngineOptions> = {}): Engine => {
      const engine = createEngine({ databaseUrl: ledger().config.databaseUrl, ...options });
      started.push(engine);
      return engine;
    },
    closeAll: async (): Promise<void> => {
      await Promise.all(started.splice(0).map((engine) => engine.close()));
    },
  };
}
