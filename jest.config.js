import { swcOptions } from './tools/swc-options.js'

// Node's ESM mode (NODE_OPTIONS=--experimental-vm-modules, set by tools/): NestJS 12 is ESM only.
// Tests import sources, not dist/, so a test run never needs a build first.
export default {
  testEnvironment: 'node',
  roots: [
    '<rootDir>/apps',
    '<rootDir>/libs',
    '<rootDir>/migrations',
    '<rootDir>/test',
    '<rootDir>/bench',
    '<rootDir>/tools',
  ],
  testMatch: ['**/*.spec.ts'],
  // Guards against hanging only: how long a test takes depends on the machine and on what else it does.
  testTimeout: 60_000,
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^@fairlead/core/routing/request-view$': '<rootDir>/libs/core/src/routing/request-view.ts',
    '^@fairlead/core/(.*)$': '<rootDir>/libs/core/src/$1/index.ts',
    '^@fairlead/(proto|api-client|testkit)$': '<rootDir>/libs/$1/src/index.ts',
    '^@fairlead/migrations$': '<rootDir>/migrations/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': ['@swc/jest', swcOptions],
  },
}
