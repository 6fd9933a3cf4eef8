import { afterEach, describe, expect, it } from '@jest/globals'
import { type Endpoint } from '@fairlead/core/snapshot'
import { waitFor } from '@fairlead/testkit'
import { DnsEndpoints } from './dns-endpoints.js'

function endpoint(address: string, weight = 1): Endpoint {
  return { address, port: 80, weight, locality: '', workload: '' }
}

/** A zone that a test may change; a name that is not in it cannot be resolved. */
function createZone(zone: Record<string, readonly string[]>) {
  const changes: string[][] = []
  let lookups = 0
  let failures = 0
  const observer = {
    onEndpoints: (endpoints: readonly Endpoint[]) => void changes.push(endpoints.map((each) => each.address)),
    onLookup: (failed: boolean) => {
      lookups++
      if (failed) failures++
    },
  }
  const lookup = (name: string) =>
    zone[name] === undefined
      ? Promise.reject(new Error('ENOTFOUND'))
      : Promise.resolve(zone[name].map((address) => ({ address })))
  return { zone, changes, observer, lookup, failures: () => failures, lookups: () => lookups }
}

describe('DnsEndpoints', () => {
  const started: DnsEndpoints[] = []
  afterEach(() => started.splice(0).forEach((dns) => dns.stop()))

  function create(names: readonly Endpoint[], zone: ReturnType<typeof createZone>, refreshMs = 60_000): DnsEndpoints {
    const dns = new DnsEndpoints(names, zone.lookup, zone.observer, refreshMs)
    started.push(dns)
    return dns
  }

  it('uses every address of every name, each with its weight, and literal addresses as they are', async () => {
    const zone = createZone({ a: ['127.0.0.2', '127.0.0.1'], b: ['127.0.0.3'] })
    const dns = create([endpoint('a', 7), endpoint('b'), endpoint('127.0.0.9')], zone)
    await dns.start(1000)
    expect(dns.resolved.map(({ address, weight }) => [address, weight])).toEqual([
      ['127.0.0.1', 7],
      ['127.0.0.2', 7],
      ['127.0.0.3', 1],
      ['127.0.0.9', 1],
    ])
  })

  it('keeps the last good answer while a name cannot be resolved', async () => {
    const zone = createZone({ a: ['127.0.0.1'] })
    const dns = create([endpoint('a')], zone, 5)
    await dns.start(1000)
    delete zone.zone['a']
    await waitFor('two failed lookups', () => zone.failures() > 1)
    expect(dns.resolved).toHaveLength(1)
  })

  it('reports a change once, and nothing while the answer stays', async () => {
    const zone = createZone({ a: ['127.0.0.1'] })
    await create([endpoint('a')], zone, 5).start(1000)
    zone.zone['a'] = ['127.0.0.1', '127.0.0.2']
    await waitFor('the second answer', () => zone.changes.length === 2)
    zone.zone['a'] = ['127.0.0.2', '127.0.0.1']
    const lookups = zone.lookups()
    await waitFor('two more lookups', () => zone.lookups() > lookups + 1)
    expect(zone.changes).toEqual([['127.0.0.1'], ['127.0.0.1', '127.0.0.2']])
  })

  it('does not let an answer that never comes hold up the start', async () => {
    const zone = createZone({})
    const dns = new DnsEndpoints([endpoint('a')], () => new Promise(() => {}), zone.observer)
    started.push(dns)
    await dns.start(10)
    expect(dns.resolved).toEqual([])
  })

  it('begins with what its predecessor knew', async () => {
    const zone = createZone({ a: ['127.0.0.1'] })
    const before = create([endpoint('a')], zone)
    await before.start(1000)
    delete zone.zone['a']
    const after = create([endpoint('a'), endpoint('b')], zone)
    after.inherit(before)
    await after.start(1000)
    expect(after.resolved.map(({ address }) => address)).toEqual(['127.0.0.1'])
  })
})
