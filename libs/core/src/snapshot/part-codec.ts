import { canonicalJson } from './canonical-json.js'
import { contentHash } from './content-hash.js'
import { partKey, type Part, type PartType } from './part.js'
import type { EncodedPart } from './snapshot.js'

/** A part that is not what its key and hash say. `key` names it; the message says it too. */
export class PartError extends Error {
  constructor(
    readonly key: string,
    problem: string,
  ) {
    super(`part ${key}: ${problem}`)
    this.name = 'PartError'
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function encodePart(part: Part): EncodedPart {
  const bytes = encoder.encode(canonicalJson(part))
  return { key: partKey(part), hash: contentHash(bytes), bytes }
}

/**
 * The part of these bytes. Its hash, its name and the fields that every reader relies on are checked; a part of a kind
 * that this version does not know is refused, so that an old agent says NACK instead of serving half a config.
 * Throws PartError.
 */
export function decodePart(encoded: EncodedPart): Part {
  checkPartHash(encoded)
  const value = parseContent(encoded)
  if (!isRecord(value) || !isPartType(value['type'])) throw new PartError(encoded.key, 'is of no known part type')
  for (const [field, isValid] of Object.entries(SHAPES[value['type']])) {
    if (!isValid(value[field])) throw new PartError(encoded.key, `field ${field} is missing or malformed`)
  }
  const part = value as unknown as Part
  if (partKey(part) !== encoded.key) throw new PartError(encoded.key, `holds ${partKey(part)}`)
  return part
}

/** Throws PartError if the bytes are not those that were hashed. */
export function checkPartHash(encoded: EncodedPart): void {
  const actual = contentHash(encoded.bytes)
  if (actual !== encoded.hash) throw new PartError(encoded.key, `content has hash ${actual}, not ${encoded.hash}`)
}

function parseContent(encoded: EncodedPart): unknown {
  try {
    return JSON.parse(decoder.decode(encoded.bytes))
  } catch (error) {
    throw new PartError(encoded.key, `is not JSON in UTF-8 (${(error as Error).message})`)
  }
}

type Check = (value: unknown) => boolean

const isString: Check = (value) => typeof value === 'string'
const isNumber: Check = (value) => typeof value === 'number'
const isAddress: Check = (value) => value === null || typeof value === 'string'
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value)
const listOf =
  (shape: Readonly<Record<string, Check>>, atLeast = 0): Check =>
  (value) =>
    Array.isArray(value) && value.length >= atLeast && value.every((item) => recordOf(shape)(item))
const recordOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(shape).every(([field, isValid]) => isValid(value[field]))

/** The fields without which a reader would fail at some later time, when the old config is already gone. */
const SHAPES: Readonly<Record<PartType, Readonly<Record<string, Check>>>> = {
  listener: {
    name: isString,
    direction: oneOf('outbound', 'inbound', 'gateway'),
    address: isAddress,
    port: isNumber,
    filterChains: listOf({ name: isString, match: isRecord, http: recordOf({ routeConfig: isString }) }, 1),
  },
  routes: {
    name: isString,
    unknownHost: oneOf('not-found', 'black-hole'),
    virtualHosts: listOf({
      name: isString,
      domains: Array.isArray,
      routes: listOf({ name: isString, match: isRecord, action: recordOf({ kind: isString }) }),
    }),
  },
  cluster: {
    name: isString,
    direction: oneOf('outbound', 'inbound'),
    service: recordOf({ host: isString, port: isNumber, subset: isString }),
    discovery: oneOf('endpoints', 'dns'),
    loadBalancer: oneOf('ROUND_ROBIN', 'LEAST_REQUEST', 'RANDOM'),
    connectTimeoutMs: isNumber,
  },
  endpoints: {
    name: isString,
    endpoints: listOf({
      address: isString,
      port: isNumber,
      weight: isNumber,
      locality: isString,
      workload: isString,
    }),
  },
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPartType(value: unknown): value is PartType {
  return typeof value === 'string' && Object.hasOwn(SHAPES, value)
}
