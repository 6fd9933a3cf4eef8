import { describe, expect, it } from '@jest/globals'
import { requestView } from '@fairlead/core/routing'
import { type ConnectionAttributes } from '../http/connection-attributes.js'
import { FIELD_DROPPED } from '../http/head.js'
import { ForwardedFields } from './forwarded-fields.js'
import { forwardingRules } from './forwarding-rules.js'
import { protectedName } from './protected-fields.js'
import { RequestIds } from './request-ids.js'

const ZERO_ID = 'x-request-id: 00000000-0000-4000-8000-000000000000'
const zeros = new RequestIds((bytes) => bytes.fill(0))

interface Hop {
  readonly direction?: ConnectionAttributes['direction']
  readonly trustedHops?: number
  readonly peer?: string
  readonly secure?: boolean
  /** Names that the route takes away. */
  readonly omits?: readonly string[]
  readonly rewritesHost?: boolean
  readonly rewritesPath?: boolean
  readonly timeoutMs?: number
}

/** The fields of the forwarded head, in order: received ones that go on, then ours. */
function forwarded(received: readonly string[], hop: Hop, fields = new ForwardedFields(zeros)): string[] {
  const { direction = 'gateway', trustedHops = 0, peer = '192.0.2.5', secure = false } = hop
  const headers = received.map((line) => line.split(': ', 2) as [string, string])
  const request = requestView({ method: 'GET', authority: 'shop', path: '/old', query: 'q=1', headers })
  const connection = { peerAddress: peer, secure } as ConnectionAttributes
  fields.receive(request, forwardingRules(direction, trustedHops))
  fields.open(
    request,
    connection,
    (hop.omits ?? []).reduce((bits, name) => bits | protectedName(name), 0),
  )
  if (hop.rewritesHost) fields.addForwardedHost(request, null)
  if (hop.rewritesPath) fields.addOriginalPath(request)
  fields.beginTry(1, hop.timeoutMs ?? 0)
  return [...received.filter((_, i) => fields.marks?.[i] !== FIELD_DROPPED), ...linesOf(fields)]
}

function linesOf({ lines, start, end }: ForwardedFields): string[] {
  const text = Buffer.from(lines.subarray(start, end)).toString()
  expect(text.endsWith('\r\n')).toBe(true)
  return text.slice(0, -2).split('\r\n')
}

const SIDECAR: Hop = { direction: 'outbound' }
const FIRST = 'x-envoy-attempt-count: 1'
const HTTP = 'x-forwarded-proto: http'
const client = (list: string, trusted = '192.0.2.5') => [
  `x-forwarded-for: ${list}`,
  `x-envoy-external-address: ${trusted}`,
]

describe('ForwardedFields at a gateway', () => {
  it.each<[string, readonly string[], Hop, readonly string[]]>([
    ['says who the client is', [], {}, [ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST]],
    ['knows TLS', [], { secure: true }, [ZERO_ID, ...client('192.0.2.5'), 'x-forwarded-proto: https', FIRST]],
    [
      'writes a mapped address as the IPv4 address it is',
      [],
      { peer: '::ffff:192.0.2.5' },
      [ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST],
    ],
    ['writes IPv6', [], { peer: '2001:db8::1' }, [ZERO_ID, ...client('2001:db8::1', '2001:db8::1'), HTTP, FIRST]],
    // Envoy docs, x-forwarded-for, example 1.
    [
      'appends to the list and believes none of it',
      ['X-Forwarded-For: 203.0.113.128, 203.0.113.10, 203.0.113.1'],
      {},
      [ZERO_ID, ...client('203.0.113.128, 203.0.113.10, 203.0.113.1, 192.0.2.5'), HTTP, FIRST],
    ],
    [
      'makes one list of several lines, without empty ones',
      ['x-forwarded-for: 1.1.1.1', 'a: b', 'X-FORWARDED-FOR: 2.2.2.2, 3.3.3.3', 'x-forwarded-for: '],
      {},
      ['a: b', ZERO_ID, ...client('1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.5'), HTTP, FIRST],
    ],
    [
      'takes no id, scheme or host from a stranger',
      ['x-request-id: mine', 'x-forwarded-proto: https', 'x-forwarded-host: bank'],
      {},
      [ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST],
    ],
    [
      'takes nothing that means something in the mesh',
      [
        'x-envoy-internal: true',
        'x-envoy-retry-on: 5xx',
        'x-envoy-attempt-count: 7',
        'x-envoy-external-address: 10.0.0.1',
        'X-Envoy-Decorator-Operation: op',
        'x-envoy-anything-new: 1',
        'X-Fairlead-Wave: 2',
        'x-forwarded-client-cert: By=me',
      ],
      {},
      [ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST],
    ],
    [
      'takes underscores for hyphens in these names only',
      [
        'x_forwarded_for: 6.6.6.6',
        'X_Forwarded-Proto: https',
        'x_request_id: 1',
        'x-envoy_internal: true',
        'x_fairlead_wave: 1',
        'x_mine: 1',
      ],
      {},
      ['x_mine: 1', ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST],
    ],
    [
      'passes what is only like them',
      [
        'x-forwarded-port: 80',
        'x-forwarded-forr: 1',
        'x-envoy: 1',
        'xenvoy-internal: 1',
        'x: 1',
        'forwarded: for=1.1.1.1',
      ],
      {},
      [
        'x-forwarded-port: 80',
        'x-forwarded-forr: 1',
        'x-envoy: 1',
        'xenvoy-internal: 1',
        'x: 1',
        'forwarded: for=1.1.1.1',
        ZERO_ID,
        ...client('192.0.2.5'),
        HTTP,
        FIRST,
      ],
    ],
    // Trusted hops: the Nth address from the right.
    [
      'believes one proxy',
      ['x-forwarded-for: 6.6.6.6, 203.0.113.1', 'x-forwarded-proto: https'],
      { trustedHops: 1 },
      ['x-forwarded-proto: https', ZERO_ID, ...client('6.6.6.6, 203.0.113.1, 192.0.2.5', '203.0.113.1'), FIRST],
    ],
    [
      'believes two proxies, over lines',
      ['x-forwarded-for: 6.6.6.6,203.0.113.9', 'x-forwarded-for: 10.0.0.1'],
      { trustedHops: 2 },
      [ZERO_ID, ...client('6.6.6.6,203.0.113.9, 10.0.0.1, 192.0.2.5', '203.0.113.9'), HTTP, FIRST],
    ],
    [
      'falls back to the peer where the list is too short',
      ['x-forwarded-for: 203.0.113.1'],
      { trustedHops: 2 },
      [ZERO_ID, ...client('203.0.113.1, 192.0.2.5'), HTTP, FIRST],
    ],
    [
      'falls back to the peer where there is no address',
      ['x-forwarded-for: unknown'],
      { trustedHops: 1 },
      [ZERO_ID, ...client('unknown, 192.0.2.5'), HTTP, FIRST],
    ],
    [
      'still makes the id, also behind proxies',
      ['x-request-id: theirs'],
      { trustedHops: 1 },
      [ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST],
    ],
    [
      'keeps a trusted x-forwarded-host',
      ['x-forwarded-host: www'],
      { trustedHops: 1 },
      ['x-forwarded-host: www', ZERO_ID, ...client('192.0.2.5'), HTTP, FIRST],
    ],
    [
      'appends to a trusted x-forwarded-host',
      ['x-forwarded-host: www'],
      { trustedHops: 1, rewritesHost: true },
      [ZERO_ID, ...client('192.0.2.5'), HTTP, 'x-forwarded-host: www, shop', FIRST],
    ],
    [
      "does not append to a stranger's",
      ['x-forwarded-host: bank'],
      { rewritesHost: true },
      [ZERO_ID, ...client('192.0.2.5'), HTTP, 'x-forwarded-host: shop', FIRST],
    ],
    [
      'leaves to the route what the route takes away',
      ['x-forwarded-for: 1.1.1.1'],
      { omits: ['X-Request-Id', 'x-forwarded-for', 'x-forwarded-proto', 'x-envoy-external-address'] },
      [FIRST],
    ],
  ])('%s', (_, received, hop, expected) => {
    expect(forwarded(received, hop)).toEqual(expected)
  })
})

describe('ForwardedFields at a sidecar', () => {
  it.each<[string, readonly string[], Hop, readonly string[]]>([
    ['adds id and scheme where there are none', [], SIDECAR, [ZERO_ID, HTTP, FIRST]],
    [
      'passes on what the mesh knows already',
      [
        'x-request-id: 1',
        'x-forwarded-for: 1.1.1.1',
        'x-forwarded-proto: https',
        'x-forwarded-host: www',
        'x-envoy-external-address: 1.1.1.1',
        'x-envoy-decorator-operation: op',
        'x-fairlead-wave: 1',
      ],
      SIDECAR,
      [
        'x-request-id: 1',
        'x-forwarded-for: 1.1.1.1',
        'x-forwarded-proto: https',
        'x-forwarded-host: www',
        'x-envoy-external-address: 1.1.1.1',
        'x-envoy-decorator-operation: op',
        'x-fairlead-wave: 1',
        FIRST,
      ],
    ],
    ['does so inbound, too', ['x-request-id: 1'], { direction: 'inbound' }, ['x-request-id: 1', HTTP, FIRST]],
    [
      'never believes what only Envoy says of itself',
      [
        'x-envoy-internal: true',
        'x-envoy-upstream-rq-timeout-ms: 1',
        'x-envoy-expected-rq-timeout-ms: 1',
        'x-envoy-attempt-count: 9',
        'x-envoy-original-path: /x',
        'x-forwarded-client-cert: By=me',
      ],
      SIDECAR,
      [ZERO_ID, HTTP, FIRST],
    ],
    [
      'takes a disguise for what it hides',
      ['x_request_id: 1', 'x_forwarded_for: 1.1.1.1'],
      SIDECAR,
      [ZERO_ID, HTTP, FIRST],
    ],
    [
      'does not let trusted hops open a sidecar',
      ['x-envoy-internal: true'],
      { ...SIDECAR, trustedHops: 3 },
      [ZERO_ID, HTTP, FIRST],
    ],
    [
      'says what a route changed',
      ['x-request-id: 1'],
      { ...SIDECAR, rewritesHost: true, rewritesPath: true },
      ['x-request-id: 1', HTTP, 'x-forwarded-host: shop', 'x-envoy-original-path: /old?q=1', FIRST],
    ],
    [
      'tells the timeout',
      ['x-request-id: 1'],
      { ...SIDECAR, timeoutMs: 15_000 },
      ['x-request-id: 1', HTTP, FIRST, 'x-envoy-expected-rq-timeout-ms: 15000'],
    ],
    [
      'tells neither attempt nor timeout where the route takes them away',
      ['x-request-id: 1'],
      {
        ...SIDECAR,
        timeoutMs: 15_000,
        omits: ['x-envoy-attempt-count', 'x-envoy-expected-rq-timeout-ms', 'x-envoy-original-path', 'x-forwarded-host'],
        rewritesHost: true,
        rewritesPath: true,
      },
      ['x-request-id: 1', HTTP],
    ],
  ])('%s', (_, received, hop, expected) => {
    expect(forwarded(received, hop)).toEqual(expected)
  })
})

describe('ForwardedFields, reused', () => {
  it('changes only the lines of the try between tries', () => {
    const fields = new ForwardedFields(new RequestIds())
    const [id, proto, ...first] = forwarded([], { ...SIDECAR, timeoutMs: 1000 }, fields)
    expect(first).toEqual([FIRST, 'x-envoy-expected-rq-timeout-ms: 1000'])
    fields.beginTry(2, 250)
    expect(linesOf(fields)).toEqual([id, proto, 'x-envoy-attempt-count: 2', 'x-envoy-expected-rq-timeout-ms: 250'])
  })

  it('keeps nothing of the request before', () => {
    const fields = new ForwardedFields(new RequestIds())
    const [before] = forwarded(['x-forwarded-for: 1.1.1.1', 'x-forwarded-host: a', 'x-envoy-internal: 1'], {}, fields)
    fields.clear()
    const [after, ...rest] = forwarded(['a: b'], SIDECAR, fields).slice(1)
    expect([rest, fields.marks]).toEqual([[HTTP, FIRST], null])
    expect(after).not.toBe(before)
  })

  it('makes room for lists and paths of any length, and gives it back', () => {
    const fields = new ForwardedFields(zeros)
    const long = Array.from({ length: 300 }, (_, i) => `x-forwarded-for: 10.0.0.${i % 256}, 2001:db8::${i}`)
    const lines = forwarded(long, { rewritesHost: true, rewritesPath: true, timeoutMs: 1 }, fields)
    expect(lines[1]!.split(', ')).toHaveLength(601)
    expect(lines.slice(-2)).toEqual([FIRST, 'x-envoy-expected-rq-timeout-ms: 1'])
    fields.clear()
    expect(fields.lines.length).toBeLessThanOrEqual(1024)
    expect(forwarded([], SIDECAR, fields)).toEqual([ZERO_ID, HTTP, FIRST])
  })
})
