import { describe, expect, it } from '@jest/globals'
import { loadSettings, printSettings, SettingsError, type SettingsSources } from './load-settings.js'

const none: SettingsSources = { flags: {}, env: { STATE_DIRECTORY: '/var/lib/x' }, file: null }

describe('loadSettings', () => {
  it('has defaults for everything', () => {
    expect(loadSettings(none)).toMatchObject({
      listen: { host: '127.0.0.1', port: 8080 },
      grpcListen: { host: '127.0.0.1', port: 15012 },
      stateFolder: '/var/lib/x',
      databaseUrl: null,
      tls: null,
      keepRevisions: 10_000,
    })
  })

  it('takes flags over the environment, the environment over the file, the file over defaults', () => {
    const file = 'mesh-domain: from.file\nkeep-revisions: 11\nlog-level: debug'
    const env = { FAIRLEAD_MESH_DOMAIN: 'from.env', FAIRLEAD_KEEP_REVISIONS: '12' }
    expect(loadSettings({ flags: { keepRevisions: '13' }, env, file })).toMatchObject({
      keepRevisions: 13,
      meshDomain: 'from.env',
      logLevel: 'debug',
    })
  })

  it('is frozen', () => {
    expect(Object.isFrozen(loadSettings(none))).toBe(true)
  })

  it.each<[why: string, sources: Partial<SettingsSources>, message: RegExp]>([
    ['a listener off loopback without TLS', { flags: { listen: '0.0.0.0:80' } }, /--listen: 0\.0\.0\.0 is not loop/],
    ['gRPC off loopback without TLS', { env: { FAIRLEAD_GRPC_LISTEN: ':1' } }, /^FAIRLEAD_GRPC_LISTEN: .*--tls-cert/],
    ['half of a TLS pair', { flags: { tlsCert: 'c.pem' } }, /both a certificate and a key/],
    ['a bad port', { flags: { listen: '127.0.0.1:70000' } }, /is not HOST:PORT/],
    ['a wrong database', { env: { DATABASE_URL: 'mysql://x' } }, /DATABASE_URL: expected postgres/],
    ['an unknown key in the file', { file: 'listne: 1' }, /controller\.yaml: unknown listne/],
    ['a file that is no mapping', { file: '[1]' }, /expected a mapping/],
  ])('refuses %s and names where it came from', (_, sources, message) => {
    expect(() => loadSettings({ ...none, ...sources })).toThrow(SettingsError)
    expect(() => loadSettings({ ...none, ...sources })).toThrow(message)
  })

  it.each([
    [{ listen: '0.0.0.0:80', tlsCert: 'c', tlsKey: 'k' }],
    [{ listen: '0.0.0.0:80', insecurePlaintext: true }],
    [{ listen: '[::1]:80' }],
    [{ listen: '127.8.8.8:80' }],
  ])('allows %j', (flags) => {
    expect(() => loadSettings({ ...none, flags })).not.toThrow()
  })
})

describe('printSettings', () => {
  it('masks secrets', () => {
    const env = { FAIRLEAD_API_TOKEN: 'secret-1', DATABASE_URL: 'postgres://me:secret-2@db/x' }
    const printed = printSettings(loadSettings({ ...none, env }))
    expect(printed).not.toContain('secret')
    expect(printed).toContain('postgres://***@db/x')
  })
})
