// The arrows of docs/architecture.md. One table per tree: folder -> sibling folders it may import; everything else is
// an error, and so is a folder that is in no table. tools/import-rules.spec.ts plants one violation per rule.
const AGENT = {
  io: [],
  telemetry: [],
  limits: ['telemetry'],
  http: ['limits'],
  settings: ['limits'],
  workers: ['telemetry'],
  admin: ['telemetry'],
  control: ['telemetry'],
  http1: ['http', 'io', 'telemetry', 'limits'],
  http2: ['http', 'io', 'telemetry', 'limits'],
  tcp: ['io', 'telemetry'],
  tls: ['telemetry'],
  filters: ['http', 'io', 'telemetry'],
  upstream: ['http', 'http1', 'http2', 'tcp', 'tls', 'io', 'telemetry', 'limits'],
  proxy: ['http', 'filters', 'upstream', 'io', 'telemetry'],
  listen: ['proxy', 'http', 'http1', 'http2', 'tcp', 'tls', 'io', 'telemetry', 'limits'],
  apply: ['listen', 'proxy', 'filters', 'upstream', 'http', 'io', 'tls', 'telemetry', 'limits'],
}
const CORE = {
  snapshot: [],
  resources: [],
  routing: ['snapshot'],
  mesh: ['resources'],
  diff: ['resources'],
  analysis: ['mesh', 'resources'],
  compile: ['mesh', 'resources', 'snapshot'],
  explain: ['routing', 'compile', 'mesh', 'snapshot', 'resources'],
}
const BASE = ['settings', 'problem']
const CONTROLLER = {
  settings: [],
  problem: [],
  database: BASE,
  access: [...BASE, 'database'],
  identity: [...BASE, 'database', 'access'],
  revisions: [...BASE, 'database', 'access'],
  fleet: [...BASE, 'database', 'identity', 'access', 'revisions'],
  telemetry: [...BASE, 'database', 'fleet', 'access'],
  distribution: [...BASE, 'revisions', 'fleet', 'telemetry', 'database', 'access'],
  rollouts: [...BASE, 'revisions', 'distribution', 'fleet', 'telemetry', 'database', 'access'],
  resources: [...BASE, 'revisions', 'fleet', 'distribution', 'rollouts', 'access'],
  planning: [...BASE, 'revisions', 'resources', 'distribution', 'fleet', 'rollouts', 'telemetry', 'access'],
}

const spec = '\\.spec\\.ts$|/testdata/'

const layers = (root, table) => [
  ...Object.entries(table).map(([folder, may]) => ({
    name: `${root}: ${folder}`,
    severity: 'error',
    comment: `${root}/${folder} may import ${may.length ? may.join(', ') : 'nothing'} of ${root}`,
    // A test may put a whole controller together, as main.ts does.
    from: { path: `^${root}/${folder}/`, pathNot: spec },
    to: { path: `^${root}/`, pathNot: [folder, ...may].map((f) => `^${root}/${f}/`) },
  })),
  {
    name: `${root}: every folder has a row`,
    severity: 'error',
    comment: `a folder of ${root} without a row in the table of .dependency-cruiser.js: add the row`,
    from: { path: `^${root}/[^/]+/`, pathNot: `^${root}/(${Object.keys(table).join('|')})/` },
    to: {},
  },
]

export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'libs-import-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-are-islands',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'testkit-only-in-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [spec, '^libs/testkit/'] },
      to: { path: '^libs/testkit/' },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^libs/core/src/', pathNot: [spec, '^libs/core/src/snapshot/content-hash\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-needs-little',
      severity: 'error',
      from: { path: '^libs/core/src/', pathNot: spec },
      to: { path: 'node_modules/', pathNot: 'node_modules/(zod|yaml|re2js)/' },
    },
    {
      name: 'kinds-are-islands',
      severity: 'error',
      from: { path: '^libs/core/src/resources/([^/]+)/' },
      to: { path: '^libs/core/src/resources/[^/]+/', pathNot: '^libs/core/src/resources/($1|common)/' },
    },
    {
      name: 'agent-sees-only-the-snapshot',
      severity: 'error',
      from: { path: '^apps/agent/', pathNot: [spec, '^apps/agent/src/standalone\\.ts$'] },
      to: { path: '^libs/core/src/', pathNot: '^libs/core/src/(snapshot|routing)/' },
    },
    {
      name: 'wire-knows-no-config',
      severity: 'error',
      from: { path: '^apps/agent/src/(io|http|http1|http2|tcp|telemetry|upstream/balancers)/', pathNot: spec },
      to: { path: '^libs/core/', pathNot: '^libs/core/src/routing/request-view\\.ts$' },
    },
    {
      name: 'only-control-speaks-proto',
      severity: 'error',
      from: { path: '^apps/agent/src/', pathNot: '^apps/agent/src/control/' },
      to: { path: '^libs/proto/' },
    },
    {
      name: 'balancers-are-leaves',
      severity: 'error',
      from: { path: '^apps/agent/src/upstream/balancers/' },
      to: { path: '^apps/agent/src/', pathNot: '^apps/agent/src/upstream/balancers/' },
    },
    {
      name: 'filters-are-islands',
      severity: 'error',
      from: { path: '^apps/agent/src/filters/([^/]+?)(\\.spec)?\\.ts$', pathNot: 'registry\\.ts$' },
      to: { path: '^apps/agent/src/filters/', pathNot: '^apps/agent/src/filters/(filter|$1)\\.ts$' },
    },
    {
      name: 'tables-stay-home',
      severity: 'error',
      from: { path: '^apps/controller/src/([^/]+)/', pathNot: spec },
      to: { path: '\\.(entity|repository|dto)\\.ts$', pathNot: '^apps/controller/src/($1|database)/' },
    },
    {
      name: 'typeorm-only-in-repositories',
      severity: 'error',
      from: {
        path: '^apps/controller/src/',
        pathNot:
          '(\\.(entity|repository|module)\\.ts$|^apps/controller/src/(database/|data-source\\.ts$)|' + spec + ')',
      },
      to: { path: 'node_modules/(typeorm|@nestjs/typeorm)/' },
    },
    ...layers('apps/agent/src', AGENT),
    ...layers('libs/core/src', CORE),
    ...layers('apps/controller/src', CONTROLLER),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.check.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'types'] },
  },
}
