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
  /** By name; a name that was never answered is missing. */
  private readonly answers = new Map<string, readonly string[]>()
  private timer: NodeJS.Timeout | null = null
  private stopped = false

  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly lookup: LookupAll,
    private readonly observer: DnsObserver,
    private readonly refreshMs: number = REFRESH_MS,
  ) {
    for (const { address } of endpoints) if (needsNoLookup(address)) this.answers.set(address, [address])
  }

  /** Begins with what another one knows of the same names: a change of config must not forget a good answer. */
  inherit(other: DnsEndpoints): void {
    for (const { address } of this.endpoints) {
      const known = other.answers.get(address)
      if (known !== undefined) this.answers.set(address, known)
    }
  }

  /** What is known now. */
  get resolved(): readonly Endpoint[] {
    return this.endpoints.flatMap((endpoint) =>
      (this.answers.get(endpoint.address) ?? []).map((address) => ({ ...endpoint, address })),
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
    const names = new Set(this.endpoints.map((endpoint) => endpoint.address))
    await Promise.all([...names].map((name) => this.resolve(name)))
    if (this.stopped) return
    this.timer = setTimeout(() => void this.refresh(), this.refreshMs)
    this.timer.unref()
  }

  private async resolve(name: string): Promise<void> {
    if (needsNoLookup(name)) return
    let addresses: Awaited<ReturnType<LookupAll>>
    try {
      addresses = await this.lookup(name)
    } catch {
      return this.observer.onLookup(true)
    }
    this.observer.onLookup(false)
    const answer = [...new Set(addresses.map((entry) => entry.address))].sort()
    const isNews = answer.join() !== this.answers.get(name)?.join()
    this.answers.set(name, answer)
    if (isNews && !this.stopped) this.observer.onEndpoints(this.resolved)
  }
}

function needsNoLookup(address: string): boolean {
  return isIP(address) !== 0 || address.startsWith('unix://')
}
