import tseslint from 'typescript-eslint'

const clockAndChance = [
  { object: 'Date', property: 'now', message: 'core is pure: take the time as a value' },
  { object: 'Math', property: 'random', message: 'core is pure: take the random number as a value' },
]
const ambient = ['performance', 'process', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'libs/proto/src/gen/', '**/testdata/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: {
        project: './tsconfig.check.json',
        tsconfigRootDir: import.meta.dirname,
        // Tell consistent-type-imports about decorators: an injected class must stay a value import.
        emitDecoratorMetadata: true,
        experimentalDecorators: true,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'unions of string literals, or const integers in hot code' },
        { selector: 'ExportDefaultDeclaration', message: 'named exports only: a grep for the name finds it' },
      ],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['libs/core/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-properties': ['error', ...clockAndChance],
      'no-restricted-globals': [
        'error',
        ...ambient.map((name) => ({ name, message: 'core is pure: no I/O, no clock, no timers' })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'unions of string literals' },
        { selector: 'ExportDefaultDeclaration', message: 'named exports only' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'core is pure: take the time as a value',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts', 'libs/testkit/**/*.ts'],
    // A describe block is a list of cases, not a function to be read as one.
    rules: { 'max-lines-per-function': 'off' },
  },
)
