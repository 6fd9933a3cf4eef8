import type { z } from 'zod'
import { ApiError, ServerUnreachable } from './errors.js'
import { fillPath, type Route } from './route.js'
import type { Problem } from './schemas/problem.js'
import type { HttpAnswer, Transport } from './transport/transport.js'

export interface ClientOptions {
  /** `http://127.0.0.1:8080` */
  readonly server: string
  readonly token?: string
  /** PEM of the CAs to trust instead of Node's own. */
  readonly caFile?: string
  /** Instead of node:http(s): for browsers. */
  readonly fetch?: typeof globalThis.fetch
  /** To the end of an answer; of a stream to its head. Default 30 s. */
  readonly timeoutMs?: number
  /** Gets each `Warning` header's text: pending fields, fields without effect. */
  readonly onWarning?: (text: string) => void
}

export type Operation = Pick<Route, 'method' | 'path'>

export interface CallInput {
  readonly params?: Readonly<Record<string, string | number>>
  /** undefined and false are left out: every flag of the API is off by default. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** A string or stream is sent as it is, anything else as JSON. */
  readonly body?: unknown
  /** Default application/json. */
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal
}

export type AnswerOf<R extends Route> = R['response'] extends z.ZodType ? z.output<R['response']> : unknown

const DEFAULT_TIMEOUT_MS = 30_000

/** Calls operations of one server. Answers are trusted: a newer server's new fields must not break an older client. */
export class Connection {
  readonly server: string
  readonly #options: ClientOptions
  readonly #timeoutMs: number
  #transport: Promise<Transport> | null = null

  /** @throws TypeError when `server` is no http(s) URL. */
  constructor(options: ClientOptions) {
    if (!/^https?:/.test(options.server) || !URL.canParse(options.server)) {
      throw new TypeError(`${JSON.stringify(options.server)} is no http or https URL`)
    }
    this.server = options.server.replace(/\/+$/, '')
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  }

  /** The parsed answer of an operation. @throws ApiError, ServerUnreachable; AbortError when the signal fires. */
  async call<R extends Route>(route: R, input: CallInput = {}): Promise<AnswerOf<R>> {
    return (await this.json(route, input)) as AnswerOf<R>
  }

  async json(operation: Operation, input: CallInput = {}): Promise<unknown> {
    const text = await this.text(operation, input)
    try {
      return text === '' ? null : JSON.parse(text)
    } catch (error) {
      throw new ServerUnreachable(this.server, 'what answers there does not speak JSON', { cause: error })
    }
  }

  async text(operation: Operation, input: CallInput = {}): Promise<string> {
    return this.#withDeadline(input.signal, async (signal) =>
      readText((await this.#send(operation, input, signal)).body),
    )
  }

  /** The answer's bytes as they come. Only its head is under the time-out. */
  async *stream(operation: Operation, input: CallInput = {}): AsyncGenerator<Uint8Array> {
    const stop = new AbortController()
    const signal = input.signal ? AbortSignal.any([input.signal, stop.signal]) : stop.signal
    const answer = await this.#withDeadline(null, async (deadline) => {
      deadline.addEventListener('abort', () => stop.abort())
      return this.#send(operation, input, signal)
    })
    try {
      yield* answer.body
    } catch (error) {
      throw this.#unreachable(error, input.signal)
    } finally {
      stop.abort()
    }
  }

  async #send(operation: Operation, input: CallInput, signal: AbortSignal): Promise<HttpAnswer> {
    this.#transport ??= openTransport(this.#options)
    const transport = await this.#transport
    let answer: HttpAnswer
    try {
      answer = await transport({
        method: operation.method,
        url: new URL(this.server + fillPath(operation.path, input.params) + queryString(input.query)),
        headers: this.#headers(input),
        ...(input.body === undefined ? {} : { body: encodeBody(input.body) }),
        signal,
      })
    } catch (error) {
      throw this.#unreachable(error, signal)
    }
    if (answer.status >= 400) throw new ApiError(await readProblem(answer))
    const warnings = answer.header('warning')
    if (warnings !== null && this.#options.onWarning) parseWarnings(warnings).forEach(this.#options.onWarning)
    return answer
  }

  #headers(input: CallInput): Record<string, string> {
    const { token } = this.#options
    return {
      accept: input.accept ?? 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(input.body === undefined ? {} : { 'content-type': input.contentType ?? 'application/json' }),
      ...input.headers,
    }
  }

  async #withDeadline<T>(outer: AbortSignal | null | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), this.#timeoutMs)
    try {
      return await run(outer ? AbortSignal.any([outer, deadline.signal]) : deadline.signal)
    } catch (error) {
      if (!deadline.signal.aborted || outer?.aborted) throw error
      throw new ServerUnreachable(this.server, `no answer within ${this.#timeoutMs / 1000} s`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #unreachable(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return error
    return new ServerUnreachable(this.server, reasonOf(error), { cause: error })
  }
}

async function openTransport(options: ClientOptions): Promise<Transport> {
  if (options.fetch) return (await import('./transport/fetch-transport.js')).fetchTransport(options.fetch)
  return (await import('./transport/node-transport.js')).nodeTransport(options.caFile)
}

function queryString(query: CallInput['query'] = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false) search.set(name, String(value))
  }
  return search.size === 0 ? '' : `?${search}`
}

function encodeBody(body: unknown): string | AsyncIterable<Uint8Array> {
  if (typeof body === 'string') return body
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return body as AsyncIterable<Uint8Array>
  return JSON.stringify(body)
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

/** Also of an answer that is not ours: a load balancer's 502 is a Problem too. */
async function readProblem(answer: HttpAnswer): Promise<Problem> {
  const text = await readText(answer.body)
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null
    if (problem !== null && typeof problem.title === 'string' && typeof problem.code === 'string') {
      return { ...problem, status: answer.status } as Problem
    }
  } catch {
    // Not JSON: told below.
  }
  const title = `HTTP status ${answer.status}`
  const detail = text.trim() === '' ? title : `${title}: ${text.trim().slice(0, 200)}`
  return { type: 'about:blank', title, status: answer.status, code: `http-${answer.status}`, detail }
}

/** `299 - "a", 299 - "b"` (RFC 9111 5.5) -> a, b. */
function parseWarnings(header: string): string[] {
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'))
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused; is the controller running?',
  ECONNRESET: 'the connection was closed',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved now',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to the host',
  ENOENT: 'the CA file does not exist',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted (self-signed); name its CA file',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; name its CA file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted; name its CA file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted; name its CA file',
}

function reasonOf(error: unknown): string {
  // fetch says "fetch failed" and hides the reason in its cause.
  const { cause } = error as { cause?: unknown }
  const { code, message } = (cause ?? error) as { code?: string; message?: string }
  return (code === undefined ? undefined : REASONS[code]) ?? message ?? String(error)
}
