import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Compiler, type AgentScope, type Workload } from '@fairlead/core/compile'
import { buildMesh, DEFAULT_MESH_SETTINGS } from '@fairlead/core/mesh'
import { keyOf, readResources, type Finding, type ReadDocument, type Resource } from '@fairlead/core/resources'
import type { Logger } from 'pino'
import type { DataPlane } from './apply/data-plane.js'
import { BadInputError, type ConfigSource } from './config-source.js'
import type { AgentSettings, MeshSource } from './settings/agent-settings.js'

export interface StandaloneOptions {
  readonly settings: AgentSettings
  readonly source: MeshSource
  readonly dataPlane: Pick<DataPlane, 'apply'>
  readonly onDraining: (draining: boolean) => void
  readonly log: Logger
}

/**
 * Config from YAML files of this host, through the same validation, compile and apply as with a controller. The mesh
 * has one workload: this one. Rejects with BadInputError if the files cannot be used, and as `DataPlane.apply`.
 */
export async function createStandalone(options: StandaloneOptions): Promise<ConfigSource> {
  const { source, log } = options
  const compiler = new Compiler()
  const scope = scopeOf(options.settings)
  const workloads = workloadsOf(options.settings)
  let mesh = await readMesh(source, log)
  let revision = 0
  let reloading: Promise<void> = Promise.resolve()

  async function apply(): Promise<void> {
    const version = { revision: revision + 1, overlay: 0, endpoints: 0 }
    const settings = { ...DEFAULT_MESH_SETTINGS, meshDomain: source.domain }
    const snapshot = compiler.compile({ mesh: buildMesh({ resources: mesh, settings }), workloads, scope, version })
    await options.dataPlane.apply(snapshot)
    revision = version.revision
  }

  async function reload(): Promise<void> {
    try {
      mesh = await readMesh(source, log)
      await apply()
    } catch (error) {
      log.error({ reason: (error as Error).message, revision }, 'mesh refused: the running config stays')
    }
  }

  await apply()
  return {
    start: () => {},
    // One after the other, so that the files as they are at the last signal win.
    reload: () => (reloading = reloading.then(reload)),
    drain: async (draining) => options.onDraining(draining),
    stop: async () => {},
    status: () => ({ source: 'mesh', path: source.path }),
  }
}

interface ReadFile {
  readonly path: string
  readonly documents: readonly ReadDocument[]
}

/** All resources of the files, in the files' order. Warnings are logged; errors are the rejection's message. */
async function readMesh(source: MeshSource, log: Logger): Promise<readonly Resource[]> {
  const files: ReadFile[] = []
  for (const path of await meshFiles(source.path)) {
    // A file of comments alone is no error among others; that there is nothing at all is seen below.
    const { documents } = readResources(await readText(path), { format: formatOf(path), defaultNamespace: 'default' })
    files.push({ path, documents })
  }
  const errors: string[] = duplicates(files)
  for (const { path, documents } of files) {
    for (const document of documents) {
      for (const finding of document.findings) {
        if (finding.severity === 'error' || isRefused(document, finding, source.allowPending)) {
          errors.push(describe(path, document, finding))
        } else {
          log.warn({ code: finding.code }, describe(path, document, finding))
        }
      }
    }
  }
  if (errors.length > 0) throw new BadInputError(errors.join('\n'))
  const resources = files.flatMap(({ documents }) => documents.flatMap(({ resource }) => resource ?? []))
  if (resources.length === 0) throw new BadInputError(`${source.path}: there is no resource in it`)
  return resources
}

/** Traffic policy that is not enforced is a warning; security policy that is not enforced is a hole. */
function isRefused({ apiVersion }: ReadDocument, { code }: Finding, allowPending: boolean): boolean {
  return code === 'pending' && apiVersion.startsWith('security.istio.io/') && !allowPending
}

/** Within a file the reader finds them. */
function duplicates(files: readonly ReadFile[]): string[] {
  const seen = new Map<string, string>()
  return files.flatMap(({ path, documents }) =>
    documents.flatMap(({ resource }) => {
      if (resource === null) return []
      const earlier = seen.get(keyOf(resource))
      seen.set(keyOf(resource), path)
      if (earlier === undefined) return []
      const { kind, metadata } = resource
      return [
        `${path}: error: ${kind} ${metadata.namespace}/${metadata.name} is already in ${earlier}: keep one of them`,
      ]
    }),
  )
}

/** `mesh.yaml:3:5: error: VirtualService prod/reviews: spec.http: expected a list (type)`, as compilers print. */
function describe(path: string, document: ReadDocument, finding: Finding): string {
  const { severity, line, column, message, code } = finding
  const place = line === undefined ? path : `${path}:${line}:${column ?? 1}`
  const resource = document.kind === '' ? '' : `${document.kind} ${document.namespace}/${document.name}: `
  const field = finding.path === '' ? '' : `${finding.path}: `
  return `${place}: ${severity}: ${resource}${field}${message} (${code})`
}

async function meshFiles(path: string): Promise<readonly string[]> {
  const isFolder = await stat(path).then((found) => found.isDirectory(), refuseUnreadable)
  if (!isFolder) return [path]
  const names = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name)).sort()
  if (names.length === 0) throw new BadInputError(`${path}: there is no *.yaml, *.yml or *.json in it`)
  return names.map((name) => join(path, name))
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(refuseUnreadable)
}

function refuseUnreadable(error: Error): never {
  throw new BadInputError(`cannot read the mesh: ${error.message}`)
}

function formatOf(path: string): 'yaml' | 'json' {
  return path.endsWith('.json') ? 'json' : 'yaml'
}

function scopeOf({ workload, listeners }: AgentSettings): AgentScope {
  const { namespace, name, labels, role, locality } = workload
  const inbound = listeners.inbound.map(({ host, ...bind }) => ({ ...bind, address: host }))
  return { namespace, name, labels, role, locality, inbound }
}

/** Without inbound listeners there is nothing here that others could call. */
function workloadsOf({ workload, listeners }: AgentSettings): readonly Workload[] {
  const first = listeners.inbound[0]
  if (first === undefined) return []
  const isWildcard = first.host === '0.0.0.0' || first.host === '::'
  const address = workload.address || (isWildcard ? '127.0.0.1' : first.host)
  const ports = new Map(listeners.inbound.map(({ port, applicationPort }) => [applicationPort, port]))
  const { namespace, name, labels, locality } = workload
  return [{ namespace, name, labels, address, locality, ports }]
}
