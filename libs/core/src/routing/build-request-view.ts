import { AUTHORITY, FIELD_STRIDE, METHOD, PATH, PSEUDO_SLOTS, QUERY, SCHEME, type RequestView } from './request-view.js'

/** A request in words, for explain and for tests. */
export interface RequestInWords {
  readonly method: string
  readonly scheme?: string
  readonly authority?: string
  readonly path: string
  /** Without `?`. */
  readonly query?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

/** The view that a codec would give of this request. Values are taken as they are: trimmed white space is up to you. */
export function requestView(request: RequestInWords): RequestView {
  const fields = request.headers ?? []
  const ranges = new Int32Array(PSEUDO_SLOTS + fields.length * FIELD_STRIDE).fill(-1)
  const encoder = new TextEncoder()
  const chunks: Uint8Array[] = []
  let length = 0
  const put = (slot: number, text: string | undefined): void => {
    if (text === undefined) return
    const chunk = encoder.encode(text)
    chunks.push(chunk)
    ranges[slot] = length
    length += chunk.length
    ranges[slot + 1] = length
  }
  put(METHOD, request.method)
  put(SCHEME, request.scheme)
  put(AUTHORITY, request.authority)
  put(PATH, request.path)
  put(QUERY, request.query)
  fields.forEach(([name, value], i) => {
    put(PSEUDO_SLOTS + i * FIELD_STRIDE, name)
    put(PSEUDO_SLOTS + i * FIELD_STRIDE + 2, value)
  })
  return { bytes: Uint8Array.from(chunks.flatMap((chunk) => [...chunk])), ranges, fieldCount: fields.length }
}
