import './infra/tooling/src/import-rules/swc-visitor-repair.ts';
import { importRules } from './infra/tooling/src/import-rules/rules.ts';

export default {
  forbidden: importRules,
  options: {
    // TypeScript 7 has no compiler API; without this line dependency-cruiser would see no .ts file at all.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '^infra/tooling/fixtures/', '^infra/bench/peers/', '\\.d\\.ts$'] },
    enhancedResolveOptions: {
      // As the code resolves: through `exports`, to the sources; a folder that a package does not export cannot be resolved.
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
