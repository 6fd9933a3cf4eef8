import { describe, expect, it } from '@jest/globals'
import { type Balancer, type WeightedHost } from './balancer.js'
import { LeastRequestBalancer } from './least-request.js'
import { RandomBalancer } from './random.js'
import { RoundRobinBalancer } from './round-robin.js'
import { seededRandom } from './testdata/seeded-random.js'

interface TestHost {
  readonly name: string
  activeRequests: number
}

function hostsOf(weights: readonly number[]): WeightedHost<TestHost>[] {
  return weights.map((weight, index) => ({ host: { name: `h${index}`, activeRequests: 0 }, weight }))
}

function countPicks(balancer: Balancer<TestHost>, picks: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i < picks; i++) {
    const { name } = balancer.pick()
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

const BALANCERS = [
  ['round-robin', RoundRobinBalancer],
  ['random', RandomBalancer],
  ['least-request', LeastRequestBalancer],
] as const

describe.each(BALANCERS)('%s balancer', (_, BalancerClass) => {
  it.each([[[1]], [[1, 1, 1]], [[95, 5]], [[1, 2, 3, 4]], [[1, 100, 1, 7, 7]]])(
    'gives idle hosts with weights %j their share',
    (weights) => {
      const picks = 20_000
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const counts = countPicks(new BalancerClass(hostsOf(weights), seededRandom(7)), picks)
      weights.forEach((weight, index) => {
        const share = weight / total
        const standardError = Math.sqrt((share * (1 - share)) / picks)
        expect(Math.abs((counts.get(`h${index}`) ?? 0) / picks - share)).toBeLessThanOrEqual(4 * standardError + 1e-3)
      })
    },
  )

  it('does not start with the same host in every agent', () => {
    const firsts = new Set<string>()
    for (let seed = 0; seed < 40; seed++)
      firsts.add(new BalancerClass(hostsOf([1, 1, 1]), seededRandom(seed)).pick().name)
    expect(firsts.size).toBe(3)
  })
})

describe('RoundRobinBalancer', () => {
  it('takes equal hosts strictly in turn', () => {
    const balancer = new RoundRobinBalancer(hostsOf([1, 1, 1]), () => 0)
    expect(Array.from({ length: 6 }, () => balancer.pick().name)).toEqual(['h0', 'h1', 'h2', 'h0', 'h1', 'h2'])
  })

  it('spreads the picks of a heavy host instead of taking them in a row', () => {
    const balancer = new RoundRobinBalancer(hostsOf([3, 3, 2]), seededRandom(3))
    const picks = Array.from({ length: 800 }, () => balancer.pick().name)
    expect(picks.filter((name) => name === 'h0')).toHaveLength(300)
    expect(picks.some((name, i) => name === picks[i + 1] && name === picks[i + 2])).toBe(false)
  })
})

describe('LeastRequestBalancer', () => {
  it('prefers the host with fewer requests under way', () => {
    const hosts = hostsOf([1, 1])
    hosts[0]!.host.activeRequests = 10
    const counts = countPicks(new LeastRequestBalancer(hosts, seededRandom(1)), 10_000)
    // Both draws must hit the loaded host for it to be picked: 1 in 4.
    expect(counts.get('h0')! / 10_000).toBeCloseTo(0.25, 1)
  })
})
