import { type Config, commonConfig, loadConfig } from '@tessera/service-kit/config';

export const catalogConfig = commonConfig('CATALOG');
export type CatalogConfig = Config<typeof catalogConfig>;

/** The settings of a process of its own. */
export function catalogConfigFromEnvironment(): CatalogConfig {
  return loadConfig('catalog', catalogConfig);
}
