import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, it } from '@jest/globals'
import { readSettings } from '../apps/agent/src/settings/agent-settings.js'

// No Docker engine is at hand: the files are read, and what they say is held against the programs that they start.

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly target: string }
  readonly command?: readonly string[]
  readonly secrets?: readonly string[]
  readonly networks?: Record<string, unknown> | readonly string[]
  readonly network_mode?: string
  readonly depends_on?: Record<string, unknown>
}
interface Compose {
  readonly services: Record<string, Service>
  readonly secrets: Record<string, unknown>
  readonly networks: Record<string, unknown>
}

const root = resolve(import.meta.dirname, '..')
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map((match) => match[1])
const services = Object.entries(compose.services)
const agents = services.filter(([, service]) => service.build?.target === 'agent')

describe('docker-compose.yml', () => {
  it('has PostgreSQL 17, Redis 7, the controller, and agents', () => {
    expect(compose.services).toMatchObject({ postgres: { image: 'postgres:17' }, redis: { image: 'redis:7' } })
    expect(compose.services.controller?.build?.target).toBe('controller')
    expect(agents.length).toBeGreaterThan(2)
  })

  it.each(services)('%s names only what exists', (_, service) => {
    if (service.image === undefined) expect(stages).toContain(service.build?.target)
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret)
    for (const needed of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(needed)
    const networks = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {})
    for (const network of networks) expect(compose.networks).toHaveProperty([network])
    if (service.network_mode !== undefined) expect(compose.services).toHaveProperty([service.network_mode.slice(8)])
  })

  it.each(agents)('%s is started with flags that the agent knows', (_, service) => {
    const host = { hostname: 'host', home: '/home/node', isRoot: false }
    expect(readSettings(service.command ?? [], {}, host)).toMatchObject({ source: { kind: 'controller' } })
  })
})

describe('Dockerfile', () => {
  it('starts programs that exist, as a user without rights', () => {
    const entryPoints = [...dockerfile.matchAll(/^ENTRYPOINT \["node", "([^"]+)"/gm)].map((match) => match[1]!)
    expect(entryPoints).toHaveLength(3)
    for (const path of entryPoints) expect([path, existsSync(join(root, path))]).toEqual([path, true])
    expect(dockerfile.indexOf('USER node')).toBeLessThan(dockerfile.indexOf('ENTRYPOINT'))
  })
})
