import { type ListenerPart } from '@fairlead/core/snapshot'
import { HttpListener, type ListenEnvironment } from '../listen/http-listener.js'
import { type RequestHandler } from '../http/exchange.js'
import { ApplyError } from './apply-error.js'
import { type CompiledParts } from './compiled-parts.js'

/** A change that was prepared; exactly one of the two is called. */
export interface PreparedListeners {
  commit(): void
  abort(): Promise<void>
}

/** Sockets that come and go with the config. An address that stays keeps its socket and connections. */
export class GatewayListeners {
  private open: ReadonlyMap<string, HttpListener> = new Map()
  private readonly draining = new Set<HttpListener>()

  constructor(
    private readonly env: ListenEnvironment,
    private readonly handlerFor: (part: ListenerPart) => RequestHandler,
  ) {}

  /** Binds what is new while the old still serves. Rejects with ApplyError if one cannot be bound; then none stays. */
  async prepare(parts: CompiledParts): Promise<PreparedListeners> {
    const next = new Map<string, HttpListener>()
    const opened: HttpListener[] = []
    for (const { part } of parts.values()) {
      if (part.type !== 'listener' || part.direction !== 'gateway') continue
      const key = `${part.address}|${part.port}`
      const known = this.open.get(key) ?? next.get(key)
      if (known !== undefined) {
        next.set(key, known)
        continue
      }
      try {
        const listener = await this.bind(part)
        opened.push(listener)
        next.set(key, listener)
      } catch (error) {
        await Promise.all(opened.map((listener) => listener.destroy()))
        throw new ApplyError(`part listener/${part.name}: ${(error as Error).message}`, { cause: error })
      }
    }
    return {
      commit: () => this.commit(next),
      abort: async () => void (await Promise.all(opened.map((listener) => listener.destroy()))),
    }
  }

  list(): readonly HttpListener[] {
    return [...this.open.values(), ...this.draining]
  }

  private bind(part: ListenerPart): Promise<HttpListener> {
    const options = {
      name: part.name,
      direction: 'gateway',
      address: part.address ?? '0.0.0.0',
      port: part.port,
      originalDestination: null,
    } as const
    return HttpListener.open(options, this.env, () => this.handlerFor(part))
  }

  private commit(next: ReadonlyMap<string, HttpListener>): void {
    const previous = this.open
    this.open = next
    for (const [key, listener] of previous) if (!next.has(key)) this.retire(listener)
  }

  private retire(listener: HttpListener): void {
    this.draining.add(listener)
    void listener.drain().then(() => this.draining.delete(listener))
  }
}
