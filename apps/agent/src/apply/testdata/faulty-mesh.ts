import { expect } from '@jest/globals'
import { type ForwardAction } from '@fairlead/core/snapshot'
import { MisbehavingServer, RawClient, type StrictReading, waitFor } from '@fairlead/testkit'
import { TimerWheel, type WheelClock } from '../../io/timer-wheel.js'
import { endpointAt, oneService, retry, TestMesh } from './test-mesh.js'

/** Real time that can be made to jump. */
class JumpingClock implements WheelClock {
  private aheadMs = 0
  private readonly ticks = new Set<() => void>()

  now(): number {
    return performance.now() + this.aheadMs
  }

  every(intervalMs: number, tick: () => void): () => void {
    const interval = setInterval(tick, intervalMs)
    this.ticks.add(tick)
    return () => {
      clearInterval(interval)
      this.ticks.delete(tick)
    }
  }

  /** In steps that a wheel walks in one turn. */
  jump(ms: number): void {
    for (let jumped = 0; jumped < ms; jumped += 100) {
      this.aheadMs += 100
      for (const tick of this.ticks) tick()
    }
  }
}

export const WITH_RETRIES = {
  retry: retry(['5xx'], { attempts: 2, avoidPreviousHosts: false }),
}

/** What a client saw of one request. */
export interface Seen {
  /** `200 body` for a whole answer, `cut` for the beginning of one, `closed` for nothing, `nonsense`. */
  readonly answer: string
  readonly reading: StrictReading
}

/** One service whose only endpoint misbehaves, and everything that can be counted around it. */
export class FaultyMesh {
  private readonly clients = new Set<RawClient>()

  private constructor(
    readonly mesh: TestMesh,
    readonly server: MisbehavingServer,
    private readonly wheel: TimerWheel,
    private readonly clock: JumpingClock,
  ) {}

  static async start(action: Partial<ForwardAction> = {}): Promise<FaultyMesh> {
    const clock = new JumpingClock()
    const wheel = new TimerWheel(clock)
    const mesh = await TestMesh.start({ wheel })
    const server = await MisbehavingServer.start()
    await mesh.apply(oneService([endpointAt(server.port)], action))
    return new FaultyMesh(mesh, server, wheel, clock)
  }

  async client(): Promise<RawClient> {
    const client = await RawClient.connect(this.mesh.port)
    this.clients.add(client)
    return client
  }

  leave(client: RawClient): void {
    client.destroy()
    this.clients.delete(client)
  }

  /**
   * Sends one request on a connection of its own, then a good one, there if it is still open and on a fresh one
   * otherwise. Throws if the good one is not served well.
   */
  async call(request: string): Promise<Seen> {
    const client = await this.client()
    await client.send(request)
    const seen = await see(client, methodOf(request))
    if (client.end === 'open') await this.callWell(client)
    this.leave(client)
    if (client.end !== 'open') {
      const next = await this.client()
      await this.callWell(next)
      this.leave(next)
    }
    return seen
  }

  /** Whatever happened before must not be seen here. A connection that the agent is about to close may refuse. */
  private async callWell(client: RawClient): Promise<void> {
    client.received = ''
    await client.send('GET /good HTTP/1.1\r\nhost: svc\r\n\r\n')
    const { answer } = await see(client, 'GET')
    if (answer === 'closed') return
    expect(answer).toBe('200 good')
  }

  /** No request, byte, timer or connection is left over, and no connection in doubt was used again. */
  async expectNothingLeft(): Promise<void> {
    const { mesh, server } = this
    for (const client of this.clients) this.leave(client)
    await waitFor('clients to be gone', () => mesh.stat('listener.outbound', 'downstream_cx_active') === 0)
    await waitFor('both sides to count the same connections', () => {
      return mesh.stat('cluster.svc', 'upstream_cx_active') === server.openConnections
    })
    expect(server.reuses).toBe(0)
    const gauges = [
      ['http.outbound', 'downstream_rq_active'],
      ['http.outbound', 'retained_body_bytes'],
      ['listener.outbound', 'downstream_cx_tx_bytes_buffered'],
      ['cluster.svc', 'upstream_rq_active'],
      ['cluster.svc', 'upstream_rq_pending_active'],
      ['cluster.svc', 'upstream_cx_tx_bytes_buffered'],
    ] as const
    for (const [block, stat] of gauges) expect([stat, mesh.stat(block, stat)]).toEqual([stat, 0])
    server.endConnections()
    await waitFor('idle connections to be gone', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 0)
    // A cancelled timer leaves the wheel when its slot comes; the pool's sweep goes after a minute.
    this.clock.jump(70_000)
    expect(this.wheel.size).toBe(0)
  }

  async close(): Promise<void> {
    for (const client of this.clients) this.leave(client)
    await this.mesh.close()
    await this.server.close()
  }
}

/** Waits for the answer to one request. */
export async function see(client: RawClient, method: string): Promise<Seen> {
  const reading = await client.answers([method])
  const final = reading.responses.find(({ status }) => status >= 200)
  if (reading.rest === 'malformed') return { answer: `nonsense ${JSON.stringify(client.received)}`, reading }
  if (final !== undefined) return { answer: `${final.status} ${final.body}`.trim(), reading }
  return { answer: reading.rest === 'incomplete' ? 'cut' : 'closed', reading }
}

export function methodOf(request: string): string {
  return request.slice(0, request.indexOf(' '))
}
