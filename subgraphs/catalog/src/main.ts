import { loadConfig } from '@tessera/service-kit/config';
import { serveSubgraph } from '@tessera/service-kit/subgraph';
import { configShape, createSubgraph } from './subgraph.ts';

await serveSubgraph(createSubgraph(loadConfig('catalog', configShape)));
