export {
  type BackgroundWork,
  defineSubgraph,
  type Platform,
  type Subgraph,
  type SubgraphAnswer,
  type SubgraphConfig,
  type SubgraphDefinition,
  type SubgraphRequest,
} from './define.ts';
export { type RunningSubgraph, serveSubgraph, startSubgraph, startSubgraphs } from './serve.ts';
export type { Worker } from './workers.ts';
