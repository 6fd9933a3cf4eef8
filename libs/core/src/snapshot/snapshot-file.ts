import { buildSnapshot } from './build-snapshot.js'
import { contentHash, HASH_LENGTH } from './content-hash.js'
import type { PartKey } from './part.js'
import type { EncodedPart, Snapshot } from './snapshot.js'
import type { SnapshotVersion } from './version.js'

/**
 * The agent's last-known-good on disk:
 *
 *     fairlead-snapshot 1 <contentHash of all that follows this line>\n
 *     {"hash":...,"parts":[[key, hash, length], ...],"version":{...}}\n
 *     <bytes of the parts, one after the other>
 */
const MAGIC = 'fairlead-snapshot '
const FORMAT = '1 '
const FIRST_LINE = MAGIC.length + FORMAT.length + HASH_LENGTH + 1
const NEWLINE = 10

interface Header {
  readonly version: SnapshotVersion
  readonly hash: string
  readonly parts: readonly (readonly [key: PartKey, hash: string, length: number])[]
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function serializeSnapshot(snapshot: Snapshot): Uint8Array {
  const parts = [...snapshot.parts.values()]
  const header: Header = {
    version: snapshot.version,
    hash: snapshot.hash,
    parts: parts.map((part) => [part.key, part.hash, part.bytes.length]),
  }
  const body = concat([encoder.encode(JSON.stringify(header) + '\n'), ...parts.map((part) => part.bytes)])
  return concat([encoder.encode(`${MAGIC}${FORMAT}${contentHash(body)}\n`), body])
}

/** Throws, with the reason, on anything but exactly what `serializeSnapshot` wrote: a flipped bit, a cut, an addition. */
export function deserializeSnapshot(bytes: Uint8Array): Snapshot {
  const body = checkedBody(bytes)
  const headerEnd = body.indexOf(NEWLINE)
  const header = JSON.parse(decoder.decode(body.subarray(0, headerEnd))) as Header
  let start = headerEnd + 1
  const parts = header.parts.map(([key, hash, length]): EncodedPart => {
    const part = { key, hash, bytes: body.slice(start, start + length) }
    start += length
    return part
  })
  const snapshot = buildSnapshot(header.version, parts)
  if (snapshot.hash !== header.hash) throw new Error('snapshot file: the parts are not those that were announced')
  return snapshot
}

function checkedBody(bytes: Uint8Array): Uint8Array {
  const firstLine = String.fromCharCode(...bytes.subarray(0, FIRST_LINE))
  if (!firstLine.startsWith(MAGIC)) throw new Error('snapshot file: this is no snapshot')
  if (!firstLine.startsWith(FORMAT, MAGIC.length)) throw new Error('snapshot file: written in another format version')
  const body = bytes.subarray(FIRST_LINE)
  if (firstLine.slice(MAGIC.length + FORMAT.length) !== `${contentHash(body)}\n`) {
    throw new Error('snapshot file: damaged, the checksum does not match')
  }
  return body
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
