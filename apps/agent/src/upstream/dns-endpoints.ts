import { isIP } from 'node:net'
import { type Endpoint } from '@fairlead/core/snapshot'

/** All addresses of a name, as `dns.lookup(name, { all: true })`. Rejects if there are none. */
export type LookupAll = (name: string) => Promise<readonly { readonly address: string }[]>

export interface DnsObserver {
  /** Some answer changed. */
  onEndpoints(endpoints: readonly Endpoint[]): void
  onLookup(failed: boolean): void
}

/** Envoy's dns_refresh_rate as Istio sets it (S63). */
const REFRESH_MS = 60_000

/**
 * The endpoints of a `dns` cluster: names resolved again and again, all addresses used, each with its endpoint's
 * weight (Envoy's STRICT_DNS). A name that cannot be resolved keeps its last good answer.
 */
export class DnsEndpoints {
  private readonly answers: (readonly string[])[]
  private timer: NodeJS.Timeout | null = null
  private stopped = false
  private published = ''

  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly lookup: LookupAll,
    private readonly observer: DnsObserver,
    private readonly refreshMs: number = REFRESH_MS,
  ) {
    this.answers = endpoints.map((endpoint) => (needsNoLookup(endpoint.address) ? [endpoint.address] : []))
  }

  /** What is known now. */
  get resolved(): readonly Endpoint[] {
    return this.endpoints.flatMap((endpoint, index) =>
      this.answers[index]!.map((address) => ({ ...endpoint, address })),
    )
  }

  /** Resolves when every name was asked once, or after `boundMs`; goes on asking until `stop`. Never rejects. */
  async start(boundMs: number): Promise<void> {
    let bound: NodeJS.Timeout | undefined
    const tooLong = new Promise<void>((resolve) => (bound = setTimeout(resolve, boundMs)))
    await Promise.race([this.refresh(), tooLong])
    clearTimeout(bound)
  }

  stop(): void {
    this.stopped = true
    if (this.timer !== null) clearTimeout(this.timer)
  }

  private async refresh(): Promise<void> {
    await Promise.all(this.endpoints.map((endpoint, index) => this.resolve(endpoint.address, index)))
    if (this.stopped) return
    this.timer = setTimeout(() => void this.refresh(), this.refreshMs)
    this.timer.unref()
  }

  private async resolve(name: string, index: number): Promise<void> {
    if (needsNoLookup(name)) return
    try {
      const addresses = await this.lookup(name)
      this.answers[index] = [...new Set(addresses.map((entry) => entry.address))].sort()
      this.observer.onLookup(false)
    } catch {
      this.observer.onLookup(true)
    }
    this.publish()
  }

  private publish(): void {
    const state = JSON.stringify(this.answers)
    if (this.stopped || state === this.published) return
    this.published = state
    this.observer.onEndpoints(this.resolved)
  }
}

function needsNoLookup(address: string): boolean {
  return isIP(address) !== 0 || address.startsWith('unix://')
}
