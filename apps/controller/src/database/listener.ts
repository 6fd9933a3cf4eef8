import pg from 'pg'

const reconnectMs = 1_000

/** One connection that LISTENs for all who ask, made again when it is lost. */
export class Listener {
  readonly #heard = new Map<string, Set<(payload: string) => void>>()
  #client: Promise<pg.Client> | null = null
  #retry: NodeJS.Timeout | null = null
  #closed = false

  constructor(private readonly newClient: () => pg.Client) {}

  async listen(channel: string, notified: (payload: string) => void): Promise<() => Promise<void>> {
    const listeners = this.#heard.get(channel) ?? new Set()
    this.#heard.set(channel, listeners.add(notified))
    const client = await this.#connected()
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    return () => {
      listeners.delete(notified)
      return Promise.resolve()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#retry !== null) clearTimeout(this.#retry)
    const client = await this.#client?.catch(() => null)
    await client?.end()
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async #connect(): Promise<pg.Client> {
    const client = this.newClient()
    client.on('notification', ({ channel, payload }) => {
      this.#heard.get(channel)?.forEach((notified) => notified(payload ?? ''))
    })
    client.on('error', () => {
      // 'end' follows, and reconnects.
    })
    client.on('end', () => this.#lost())
    await client.connect()
    for (const channel of this.#heard.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
    return client
  }

  #lost(): void {
    if (this.#closed || this.#retry !== null) return
    this.#client = null
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.#connected().catch(() => {
        this.#client = null
        this.#lost()
      })
    }, reconnectMs)
  }
}
