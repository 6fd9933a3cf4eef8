// HOT: runs per request. Measure before and after.
import { type BalancedHost, type Balancer, type RandomSource, type WeightedHost } from './balancer.js'
import { WeightedDraw } from './weighted-draw.js'

/**
 * Istio's LEAST_REQUEST, the default: of two hosts drawn at random the one with fewer requests under way ("power of
 * two choices", Envoy's choice_count 2). Weights act on the draw, and a tie goes to the first drawn, so that an idle
 * cluster is shared exactly by weight.
 */
export class LeastRequestBalancer<H extends BalancedHost> implements Balancer<H> {
  private readonly hosts: WeightedDraw<H>

  constructor(weighted: readonly WeightedHost<H>[], random: RandomSource) {
    this.hosts = new WeightedDraw(weighted, random)
  }

  pick(): H {
    const first = this.hosts.draw()
    const second = this.hosts.draw()
    return second.activeRequests < first.activeRequests ? second : first
  }
}
