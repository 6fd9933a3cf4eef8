import { Agent as HttpAgent, request } from 'node:http'

/** What a stretch of traffic saw: answers by body, and what failed (status 500 and over, or no answer). */
export interface Tally {
  readonly answers: Record<string, number>
  readonly failures: string[]
}

/** One GET in absolute form through a forward proxy at `ADDR:PORT`, as HTTP_PROXY clients send it. */
export function get(proxy: string, url: string, agent?: HttpAgent): Promise<{ status: number; body: string }> {
  const [host, port] = splitAddress(proxy)
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port,
      method: 'GET',
      path: url,
      headers: { host: new URL(url).host },
      agent: agent ?? false,
    }
    const sent = request(options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (body += text))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.once('error', reject)
    })
    sent.once('error', reject)
    sent.end()
  })
}

/** Closed-loop traffic on a few keep-alive connections, until it is stopped. */
export class Traffic {
  readonly #agent: HttpAgent
  readonly #loops: Promise<void>[]
  #tally: Tally = { answers: {}, failures: [] }
  #stopped = false

  constructor(proxy: string, url: string, connections = 4) {
    this.#agent = new HttpAgent({ keepAlive: true, maxSockets: connections })
    this.#loops = Array.from({ length: connections }, () => this.#loop(proxy, url))
  }

  /** Requests answered so far in this stretch. */
  get count(): number {
    return Object.values(this.#tally.answers).reduce((sum, n) => sum + n, 0)
  }

  /** Ends the stretch and begins the next. */
  take(): Tally {
    const tally = this.#tally
    this.#tally = { answers: {}, failures: [] }
    return tally
  }

  async stop(): Promise<Tally> {
    this.#stopped = true
    await Promise.all(this.#loops)
    this.#agent.destroy()
    return this.take()
  }

  async #loop(proxy: string, url: string): Promise<void> {
    while (!this.#stopped) {
      try {
        const { status, body } = await get(proxy, url, this.#agent)
        if (status === 200) this.#tally.answers[body] = (this.#tally.answers[body] ?? 0) + 1
        else this.#fail(`${status} ${body}`)
      } catch (error) {
        this.#fail(String(error))
      }
    }
  }

  #fail(what: string): void {
    if (this.#tally.failures.length < 100) this.#tally.failures.push(what)
  }
}

function splitAddress(address: string): [host: string, port: number] {
  const colon = address.lastIndexOf(':')
  return [address.slice(0, colon), Number(address.slice(colon + 1))]
}
