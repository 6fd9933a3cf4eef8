import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

/** One forbidden import per rule: [rule, file, what it imports]. A rule that matches nothing is worse than none. */
const plants: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['no-circular', 'libs/core/src/diff/a.ts', './b.js'],
  ['libs-import-no-app', 'libs/testkit/src/a.ts', '../../../apps/cli/src/target.js'],
  ['apps-are-islands', 'apps/cli/src/a.ts', '../../agent/src/io/target.js'],
  ['testkit-only-in-tests', 'apps/cli/src/b.ts', '../../../libs/testkit/src/target.js'],
  ['core-is-pure', 'libs/core/src/mesh/a.ts', 'node:fs'],
  ['core-needs-little', 'libs/core/src/mesh/b.ts', 'pg'],
  ['kinds-are-islands', 'libs/core/src/resources/gateway/a.ts', '../sidecar/target.js'],
  ['agent-sees-only-the-snapshot', 'apps/agent/src/proxy/a.ts', '../../../../libs/core/src/compile/target.js'],
  ['wire-knows-no-config', 'apps/agent/src/http1/a.ts', '../../../../libs/core/src/snapshot/target.js'],
  ['only-control-speaks-proto', 'apps/agent/src/admin/a.ts', '../../../../libs/proto/src/target.js'],
  ['balancers-are-leaves', 'apps/agent/src/upstream/balancers/a.ts', '../../io/target.js'],
  ['filters-are-islands', 'apps/agent/src/filters/a.ts', './target.js'],
  ['tables-stay-home', 'apps/controller/src/distribution/a.ts', '../fleet/target.entity.js'],
  ['typeorm-only-in-repositories', 'apps/controller/src/fleet/a.service.ts', 'typeorm'],
  ['apps/agent/src: io', 'apps/agent/src/io/a.ts', '../proxy/target.js'],
  ['apps/agent/src: telemetry', 'apps/agent/src/telemetry/a.ts', '../proxy/target.js'],
  ['apps/agent/src: limits', 'apps/agent/src/limits/a.ts', '../proxy/target.js'],
  ['apps/agent/src: http', 'apps/agent/src/http/a.ts', '../proxy/target.js'],
  ['apps/agent/src: settings', 'apps/agent/src/settings/a.ts', '../proxy/target.js'],
  ['apps/agent/src: workers', 'apps/agent/src/workers/a.ts', '../proxy/target.js'],
  ['apps/agent/src: admin', 'apps/agent/src/admin/b.ts', '../proxy/target.js'],
  ['apps/agent/src: control', 'apps/agent/src/control/a.ts', '../proxy/target.js'],
  ['apps/agent/src: http1', 'apps/agent/src/http1/b.ts', '../proxy/target.js'],
  ['apps/agent/src: http2', 'apps/agent/src/http2/a.ts', '../proxy/target.js'],
  ['apps/agent/src: tcp', 'apps/agent/src/tcp/a.ts', '../proxy/target.js'],
  ['apps/agent/src: tls', 'apps/agent/src/tls/a.ts', '../proxy/target.js'],
  ['apps/agent/src: filters', 'apps/agent/src/filters/b.ts', '../proxy/target.js'],
  ['apps/agent/src: upstream', 'apps/agent/src/upstream/a.ts', '../proxy/target.js'],
  ['apps/agent/src: proxy', 'apps/agent/src/proxy/b.ts', '../http1/target.js'],
  ['apps/agent/src: listen', 'apps/agent/src/listen/a.ts', '../upstream/target.js'],
  ['apps/agent/src: apply', 'apps/agent/src/apply/a.ts', '../control/target.js'],
  ['apps/agent/src: every folder has a row', 'apps/agent/src/misc/a.ts', '../io/target.js'],
  ['libs/core/src: snapshot', 'libs/core/src/snapshot/a.ts', '../resources/target.js'],
  ['libs/core/src: resources', 'libs/core/src/resources/a.ts', '../mesh/target.js'],
  ['libs/core/src: routing', 'libs/core/src/routing/a.ts', '../resources/target.js'],
  ['libs/core/src: mesh', 'libs/core/src/mesh/c.ts', '../snapshot/target.js'],
  ['libs/core/src: diff', 'libs/core/src/diff/c.ts', '../mesh/target.js'],
  ['libs/core/src: analysis', 'libs/core/src/analysis/a.ts', '../compile/target.js'],
  ['libs/core/src: compile', 'libs/core/src/compile/a.ts', '../routing/target.js'],
  ['libs/core/src: explain', 'libs/core/src/explain/a.ts', '../diff/target.js'],
  ['libs/core/src: every folder has a row', 'libs/core/src/misc/a.ts', '../mesh/target.js'],
  ['apps/controller/src: settings', 'apps/controller/src/settings/a.ts', '../fleet/target.js'],
  ['apps/controller/src: problem', 'apps/controller/src/problem/a.ts', '../fleet/target.js'],
  ['apps/controller/src: database', 'apps/controller/src/database/a.ts', '../fleet/target.js'],
  ['apps/controller/src: access', 'apps/controller/src/access/a.ts', '../fleet/target.js'],
  ['apps/controller/src: identity', 'apps/controller/src/identity/a.ts', '../fleet/target.js'],
  ['apps/controller/src: revisions', 'apps/controller/src/revisions/a.ts', '../fleet/target.js'],
  ['apps/controller/src: fleet', 'apps/controller/src/fleet/b.ts', '../distribution/target.js'],
  ['apps/controller/src: telemetry', 'apps/controller/src/telemetry/a.ts', '../distribution/target.js'],
  ['apps/controller/src: distribution', 'apps/controller/src/distribution/b.ts', '../rollouts/target.js'],
  ['apps/controller/src: rollouts', 'apps/controller/src/rollouts/a.ts', '../resources/target.js'],
  ['apps/controller/src: resources', 'apps/controller/src/resources/a.ts', '../planning/target.js'],
  ['apps/controller/src: planning', 'apps/controller/src/planning/a.ts', '../identity/target.js'],
  ['apps/controller/src: every folder has a row', 'apps/controller/src/misc/a.ts', '../fleet/target.js'],
]

interface CruiseResult {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] }
  }
}

describe('the import rules', () => {
  const root = resolve(import.meta.dirname, '..')
  let tree: string
  let result: CruiseResult

  beforeAll(async () => {
    tree = await realpath(await mkdtemp(join(tmpdir(), 'import-rules-')))
    await symlink(join(root, 'node_modules'), join(tree, 'node_modules'))
    await writeFile(join(tree, 'tsconfig.check.json'), '{"compilerOptions":{"module":"nodenext"}}')
    for (const [, file, imported] of plants) {
      await plant(file, `import '${imported}'\n`)
      if (imported.startsWith('.')) {
        const target = join(dirname(file), imported).replace(/\.js$/, '.ts')
        await plant(target, target.endsWith('diff/b.ts') ? "import './a.js'\n" : 'export const target = 1\n')
      }
    }
    const cruise = join(root, 'node_modules/.bin/depcruise')
    const options = ['--config', join(root, '.dependency-cruiser.js'), '--output-type', 'json', 'apps', 'libs']
    // The exit code counts violations; only the report matters here.
    const report = await promisify(execFile)(cruise, options, { cwd: tree, maxBuffer: 1 << 26 }).catch(
      (error: { stdout: string }) => error,
    )
    result = JSON.parse(report.stdout) as CruiseResult
  })

  afterAll(() => rm(tree, { recursive: true, force: true }))

  async function plant(file: string, content: string): Promise<void> {
    await mkdir(join(tree, dirname(file)), { recursive: true })
    await writeFile(join(tree, file), content)
  }

  it.each(plants)('%s refuses %s importing %s', (rule, file) => {
    const found = result.summary.violations.filter((v) => v.rule.name === rule).map((v) => v.from)
    expect(found).toContain(file)
  })

  it('has a plant for every rule', () => {
    const planted = new Set(plants.map(([rule]) => rule))
    expect(result.summary.ruleSetUsed.forbidden.map((rule) => rule.name).filter((name) => !planted.has(name))).toEqual(
      [],
    )
  })
})
