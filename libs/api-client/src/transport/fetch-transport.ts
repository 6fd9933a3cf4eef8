import type { Transport } from './transport.js'

/** HTTP by a `fetch`: what a browser has. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ method, url, headers, body, signal }) => {
    const sent = typeof body === 'string' || body === undefined ? body : await new Blob(await collect(body)).text()
    const response = await fetch(url, { method, headers, signal, ...(sent === undefined ? {} : { body: sent }) })
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      body: response.body ?? empty(),
    }
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>[]> {
  const all: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of chunks) all.push(new Uint8Array(chunk))
  return all
}

async function* empty(): AsyncGenerator<Uint8Array> {
  // An answer without a body has no chunks.
}
