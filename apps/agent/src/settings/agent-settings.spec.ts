import { describe, expect, it } from '@jest/globals'
import { readSettings, type AgentSettings } from './agent-settings.js'
import { DEFAULT_LIMITS } from '../limits/limits.js'
import { helpText } from './flags.js'
import { UsageError } from './usage-error.js'

const host = { hostname: 'Host-1', home: '/home/me', isRoot: false }
const controller = ['--controller', '127.0.0.1:15012', '--token-file', '/t']

/** Splits on blanks; what `read` returns for plain words. */
function read(line: string, env: Record<string, string> = {}): AgentSettings {
  return readSettings(line.split(' ').filter(Boolean), env, host) as AgentSettings
}

describe('readSettings', () => {
  it('fills in the defaults of an agent with a controller', () => {
    expect(readSettings(controller, {}, host)).toEqual({
      workload: {
        name: 'host-1',
        namespace: 'default',
        labels: {},
        role: 'sidecar',
        address: '',
        locality: '',
        workloadGroup: '',
      },
      source: { kind: 'controller', host: '127.0.0.1', port: 15012, tokenFile: '/t', caFile: null },
      listeners: {
        inbound: [],
        outbound: null,
        outboundBinds: [],
        admin: { host: '127.0.0.1', port: 15000 },
        health: { host: '127.0.0.1', port: 15021 },
        metrics: { host: '127.0.0.1', port: 15090 },
      },
      pathNormalization: 'BASE',
      trustedHops: 0,
      limits: DEFAULT_LIMITS,
      stateDir: '/home/me/.local/state/fairlead',
      drainMs: 10_000,
      logLevel: 'info',
    })
  })

  it('opens nothing that is not named when standalone', () => {
    const { listeners, source } = read('--mesh mesh.yaml')
    expect(listeners).toMatchObject({ outbound: null, admin: null, health: null, metrics: null })
    expect(source).toEqual({ kind: 'mesh', path: 'mesh.yaml', domain: 'svc.cluster.local', allowPending: false })
  })

  it('reads everything that can be said', () => {
    const line =
      '--controller [::1]:15012 --token-file /t --name shop-1 --namespace prod --labels app=shop,version=1.10 ' +
      '--address 10.0.0.7 --locality eu/a/1 --role gateway --workload-group shops ' +
      '--inbound 15006=8080 --inbound 127.0.0.2:15007=[::1]:8081 --outbound 15001 ' +
      '--outbound-bind 127.0.0.1:9000=reviews.prod:80 --admin unix:///run/a.sock --health 0.0.0.0:15021 ' +
      '--metrics none --path-normalization MERGE_SLASHES --trusted-hops 2 --concurrency 1 --limit headMs=5000 --limit requestsMax=0 ' +
      '--state-dir /s --drain-seconds 3 --log-level debug'
    expect(read(line)).toEqual({
      workload: {
        name: 'shop-1',
        namespace: 'prod',
        labels: { app: 'shop', version: '1.10' },
        role: 'gateway',
        address: '10.0.0.7',
        locality: 'eu/a/1',
        workloadGroup: 'shops',
      },
      source: { kind: 'controller', host: '::1', port: 15012, tokenFile: '/t', caFile: null },
      listeners: {
        inbound: [
          { host: '10.0.0.7', port: 15006, applicationPort: 8080, applicationAddress: '127.0.0.1' },
          { host: '127.0.0.2', port: 15007, applicationPort: 8081, applicationAddress: '::1' },
        ],
        outbound: { host: '127.0.0.1', port: 15001 },
        outboundBinds: [{ host: '127.0.0.1', port: 9000, destination: { host: 'reviews.prod', port: 80 } }],
        admin: { path: '/run/a.sock' },
        health: { host: '0.0.0.0', port: 15021 },
        metrics: null,
      },
      pathNormalization: 'MERGE_SLASHES',
      trustedHops: 2,
      limits: { ...DEFAULT_LIMITS, headMs: 5_000, requestsMax: 0 },
      stateDir: '/s',
      drainMs: 3_000,
      logLevel: 'debug',
    })
  })

  it('takes a flag over its environment variable, and that over the default', () => {
    const env = {
      FAIRLEAD_AGENT_CONTROLLER: '127.0.0.1:1',
      FAIRLEAD_AGENT_TOKEN_FILE: '/env',
      FAIRLEAD_AGENT_NAME: 'from-env',
      FAIRLEAD_AGENT_INBOUND: '1=2,3=4',
      FAIRLEAD_AGENT_ADDRESS: '10.0.0.1',
      FAIRLEAD_AGENT_INSECURE_PLAINTEXT: 'false',
      FAIRLEAD_AGENT_LOCALITY: '',
      FAIRLEAD_AGENT_LIMIT: 'headBytes=1000,connectionsMax=5',
    }
    const settings = read('--name from-flag', env)
    expect(settings.workload).toMatchObject({ name: 'from-flag', locality: '' })
    expect(settings.source).toMatchObject({ port: 1, tokenFile: '/env' })
    expect(settings.listeners.inbound.map(({ port }) => port)).toEqual([1, 3])
    expect(settings.limits).toEqual({ ...DEFAULT_LIMITS, headBytes: 1_000, connectionsMax: 5 })
  })

  it.each([
    ['--controller localhost:1 --token-file /t', { host: 'localhost', caFile: null }],
    ['--controller 127.9.9.9:1 --token-file /t', { host: '127.9.9.9', caFile: null }],
    ['--controller 127.0.0.1:1 --token-file /t --ca-file /ca', { caFile: '/ca' }],
    ['--controller mesh.example:1 --token-file /t --ca-file /ca', { host: 'mesh.example', caFile: '/ca' }],
    ['--controller 10.0.0.1:1 --token-file /t --insecure-plaintext', { host: '10.0.0.1', caFile: null }],
  ])('accepts %s', (line, source) => {
    expect(read(line).source).toMatchObject(source)
  })

  it.each<[string, Record<string, string>, boolean, string]>([
    ['', { STATE_DIRECTORY: '/var/lib/x:/other', XDG_STATE_HOME: '/xdg' }, true, '/var/lib/x'],
    ['', { XDG_STATE_HOME: '/xdg' }, true, '/var/lib/fairlead'],
    ['', { XDG_STATE_HOME: '/xdg' }, false, '/xdg/fairlead'],
    ['--state-dir /s', { STATE_DIRECTORY: '/var/lib/x' }, true, '/s'],
  ])('%s with %j as root %s keeps state in %s', (line, env, isRoot, expected) => {
    const argv = [...controller, ...line.split(' ').filter(Boolean)]
    expect(readSettings(argv, env, { ...host, isRoot })).toMatchObject({ stateDir: expected })
  })

  it.each([
    ['', 'where does the config come from'],
    ['--controller 127.0.0.1:1', '--token-file'],
    ['--controller 127.0.0.1:1 --token-file /t --mesh m', 'exclude each other'],
    ['--controller 127.0.0.1 --token-file /t', 'expected HOST:PORT'],
    ['--controller http://127.0.0.1:1 --token-file /t', 'expected HOST:PORT'],
    ['--controller 10.0.0.1:1 --token-file /t', 'is not loopback: give --ca-file, or --insecure-plaintext'],
    ['--controller 127.evil.example:1 --token-file /t', 'is not loopback'],
    ['--controller 10.0.0.1:1 --token-file /t --ca-file /c --insecure-plaintext', 'exclude each other'],
    ['--controller 127.0.0.1:1 --token-file /t --allow-pending', '--allow-pending has no meaning with --controller'],
    ['--mesh m --token-file /t', '--token-file has no meaning with --mesh'],
    ['--mesh m --mesh n', '--mesh is given twice'],
    ['--mesh m --colour red', "Unknown option '--colour'"],
    ['--mesh', "Option '--mesh <value>' argument missing"],
    ['--mesh m stray', "Unexpected argument 'stray'"],
    ['--mesh m --concurrency 2', 'more than one core is not built yet'],
    ['--mesh m --concurrency 0', 'no positive whole number'],
    ['--mesh m --role router', "'router' is none of sidecar, gateway"],
    ['--mesh m --path-normalization base', "'base' is none of NONE, BASE"],
    ['--mesh m --role gateway --trusted-hops -1', 'argument is ambiguous'],
    ['--mesh m --role gateway --trusted-hops all', 'no whole number'],
    ['--mesh m --trusted-hops 1', '--trusted-hops needs --role gateway'],
    ['--mesh m --log-level loud', 'none of trace, debug'],
    ['--mesh m --drain-seconds soon', 'no whole number'],
    ['--mesh m --limit headMs', "--limit: expected NAME=VALUE, not 'headMs'"],
    ['--mesh m --limit =5', 'expected NAME=VALUE'],
    ['--mesh m --limit headSeconds=5', "'headSeconds' is no limit; docs/limits.md lists them"],
    ['--mesh m --limit toString=5', "'toString' is no limit"],
    ['--mesh m --limit headMs=0', "headMs must be a whole number from 1 to 2147483647, not '0'"],
    ['--mesh m --limit headMs=5s', "not '5s'"],
    ['--mesh m --limit headMs=1e3', "not '1e3'"],
    ['--mesh m --limit headMs=-1', "not '-1'"],
    ['--mesh m --limit headMs=', "not ''"],
    ['--mesh m --limit headMs=2147483648', "not '2147483648'"],
    ['--mesh m --limit headMs=1 --limit headMs=2', 'headMs is given twice'],
    ['--mesh m --name Shop_1', 'no DNS-1123 subdomain'],
    ['--mesh m --name ../shop', 'no DNS-1123 subdomain'],
    ['--mesh m --namespace a.b', 'no DNS-1123 label'],
    ['--mesh m --labels app', "'app' is no label"],
    ['--mesh m --labels app=a,app=b', 'given twice'],
    ['--mesh m --labels __proto__=x', 'no label key'],
    ['--mesh m --labels app=a/b', "no value for label 'app'"],
    ['--mesh m --address host', "'host' is no IP address"],
    ['--mesh m --address 0.0.0.0', 'no address that other agents can reach'],
    ['--mesh m --locality a/b/c/d', 'no locality'],
    ['--mesh m --outbound', 'argument missing'],
    ['--mesh m --outbound :15001', 'is no IP address'],
    ['--mesh m --outbound localhost:15001', "'localhost' in 'localhost:15001' is no IP address"],
    ['--mesh m --outbound 1.2.3:15001', 'is no IP address'],
    ['--mesh m --outbound [127.0.0.1]:15001', 'is no IP address'],
    ['--mesh m --outbound ::1:15001', 'is no listener'],
    ['--mesh m --outbound 70000', 'port 70000 is out of range'],
    ['--mesh m --outbound 1e3', 'is no listener'],
    ['--mesh m --inbound 15006', 'expected BIND=LOCALPORT'],
    ['--mesh m --inbound 15006=', 'expected BIND=LOCALPORT'],
    ['--mesh m --inbound 15006=http', "'http' is no listener"],
    ['--mesh m --inbound 127.0.0.1:8080=8080', 'leads back to itself'],
    ['--mesh m --inbound 0=8080', 'port 0 is not possible here'],
    ['--controller 127.0.0.1:1 --token-file /t --inbound 15006=8080', '--inbound needs --address'],
    ['--mesh m --outbound-bind 9000=reviews', 'expected HOST:PORT'],
    ['--mesh m --outbound-bind 9000=reviews:0', 'port 0 cannot be reached'],
    ['--mesh m --admin 0.0.0.0:15000', 'is not loopback'],
    ['--mesh m --admin unix://a.sock', 'is no socket'],
    ['--mesh m --outbound 9000 --admin 9000', '--admin 127.0.0.1:9000: taken by --outbound 127.0.0.1:9000'],
    ['--mesh m --inbound 9000=1 --health 127.0.0.1:9000', 'taken by --inbound 0.0.0.0:9000'],
    ['--mesh m --inbound [::]:9000=1 --health 127.0.0.1:9000', 'taken by --inbound [::]:9000'],
    ['--mesh m --inbound 9000=1 --inbound 9000=2', 'taken by --inbound'],
    ['--mesh m --inbound 9000=1 --inbound 9001=1', 'application port 1 is given twice'],
  ])('refuses %s in one line', (line, expected) => {
    const refused = () => read(line)
    expect(refused).toThrow(UsageError)
    expect(refused).toThrow(expected)
    expect(refused).not.toThrow('\n')
  })

  it('refuses a switch in the environment that is neither true nor false', () => {
    expect(() => read('--mesh m', { FAIRLEAD_AGENT_ALLOW_PENDING: '1' })).toThrow(
      "FAIRLEAD_AGENT_ALLOW_PENDING: expected true or false, not '1'",
    )
  })

  it('lets listeners share a port on different addresses, and any number take a free one', () => {
    const { listeners } = read('--mesh m --inbound 127.0.0.1:9000=1 --inbound 127.0.0.2:9000=2 --admin 0 --health 0')
    expect(listeners.inbound).toHaveLength(2)
  })

  it.each(['--help', '--mesh m --concurrency 7 --help'])('answers %s before it checks anything', (line) => {
    expect(read(line)).toBe('help')
    expect(read('--version')).toBe('version')
  })

  it('has a line of help for every flag, none longer than a terminal', () => {
    for (const line of helpText().split('\n')) expect(line.length).toBeLessThanOrEqual(120)
    expect(helpText()).toMatch(/^ {2}--outbound-bind LISTENER=HOST:PORT +as if/m)
  })
})
