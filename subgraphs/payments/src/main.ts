import { loadConfig, orExit } from '@tessera/service-kit/config';
import { serveSubgraph } from '@tessera/service-kit/subgraph';
import { configShape, createSubgraph } from './subgraph.ts';

const config = loadConfig('payments', configShape);
await serveSubgraph(orExit(() => createSubgraph(config)));
