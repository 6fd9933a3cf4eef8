export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | AsyncIterable<Uint8Array>
  /** Ends the request, and the answer's body too. */
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** The header's value, several joined by `, `; null when absent. The name in lower case. */
  header(name: string): string | null
  /** Must be read to its end or left by an early return; either frees the connection. */
  readonly body: AsyncIterable<Uint8Array>
}

/** One HTTP exchange: resolves with the answer's head, rejects when there is none. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>
