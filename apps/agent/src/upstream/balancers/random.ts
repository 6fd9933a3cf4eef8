import { type BalancedHost, type Balancer, type RandomSource, type WeightedHost } from './balancer.js'
import { WeightedDraw } from './weighted-draw.js'

/** Istio's RANDOM: every pick is drawn anew, in proportion to the weights. */
export class RandomBalancer<H extends BalancedHost> implements Balancer<H> {
  private readonly hosts: WeightedDraw<H>

  constructor(weighted: readonly WeightedHost<H>[], random: RandomSource) {
    this.hosts = new WeightedDraw(weighted, random)
  }

  pick(): H {
    return this.hosts.draw()
  }
}
