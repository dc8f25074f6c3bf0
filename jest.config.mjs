/** Equal to what `tsc` does with tsconfig.base.json: the same decorators and the same class fields, so that a test runs what is shipped. */
const swc = {
  swcrc: false,
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
    experimental: { keepImportAttributes: true },
  },
  module: { type: 'es6' },
};

/** Longer than any wait inside a test: what is late then fails with its own words. */
const timeoutMs = 150_000;

const shared = {
  rootDir: import.meta.dirname,
  // Not the whole tree: `.data` holds live databases, and nothing of ours is in node_modules.
  roots: ['schema', 'subgraphs', 'gateway', 'clients', 'infra'].map((folder) => `<rootDir>/${folder}`),
  testEnvironment: 'node',
  // `source` first: a test sees the sources of every workspace, never a stale dist. jest adds `import` and `default` itself.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  // Only our own dist folders: a pattern without the prefix would also hide node_modules/*/dist.
  modulePathIgnorePatterns: ['<rootDir>/(schema|subgraphs|gateway|clients|infra)/([^/]+/)*dist/'],
  injectGlobals: false,
  testTimeout: timeoutMs,
};

const ignored = ['/node_modules/', '/dist/', '/fixtures/'];

/** Throw-away stores: suites make databases of their own in them. */
const withStores = {
  globalSetup: '<rootDir>/infra/local/src/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/infra/local/src/jest-global-teardown.mjs',
};

/** The whole platform, once for all suites that ask its graph. */
const withPlatform = {
  globalSetup: '<rootDir>/infra/e2e/src/platform/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/infra/e2e/src/platform/jest-global-teardown.mjs',
};

/** @type {import('jest').Config} */
export default {
  maxWorkers: 2,
  // ES modules are never collected from a vm context, so a long-lived worker only grows.
  workerIdleMemoryLimit: '1GB',
  testTimeout: timeoutMs,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [...ignored, '\\.(int|e2e)\\.test\\.ts$'],
    },
    { ...shared, ...withStores, displayName: 'int', testMatch: ['**/*.int.test.ts'], testPathIgnorePatterns: ignored },
    { ...shared, ...withPlatform, displayName: 'e2e', testMatch: ['**/*.e2e.test.ts'], testPathIgnorePatterns: ignored },
  ],
};
