import { commonConfig } from '@tessera/service-kit/config';

/** The catalog needs nothing beyond what every subgraph is told. */
export const catalogConfig = commonConfig('CATALOG');
