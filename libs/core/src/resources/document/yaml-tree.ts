import { isAlias, isMap, isScalar, isSeq, type Alias, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Path } from '../common/path.js'
import { DEPTH_MAX } from './document.js'

/** What aliases may stand for in one document, in nodes. Real files stay below a hundred. */
const ALIASED_NODES_MAX = 10_000
const FAULTS_MAX = 10

export interface TreeFault {
  readonly message: string
  readonly code: string
  readonly path: Path
  readonly offset: number
}

/**
 * Turns a parsed YAML document into a JSON value, under limits, and remembers where things stood. Done here and not by
 * the parser, for which duplicate keys cost quadratic time, and which drops what it cannot represent.
 */
export class YamlTree {
  readonly faults: TreeFault[] = []
  readonly #root: unknown
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new WeakMap<Alias, Node>()
  readonly #indexes = new WeakMap<YAMLMap, Map<string, Pair>>()
  #aliasDepth = 0
  #aliasedNodes = 0
  #stopped = false

  constructor(root: unknown) {
    this.#root = root
  }

  read(): unknown {
    return this.#value(this.#root, [], 0)
  }

  /** The node at a path, or the nearest above it. Field names may stand there in snake_case. */
  find(path: Path): { readonly offset: number; readonly source?: string } | undefined {
    let node = this.#target(this.#root)
    let offset = offsetOf(node)
    for (const segment of path) {
      if (isMap(node)) {
        const pair = this.#index(node).get(String(segment))
        if (pair === undefined) return { offset }
        node = this.#target(pair.value)
        offset = offsetOf(pair.key)
      } else if (isSeq(node)) {
        const item = typeof segment === 'number' ? node.items[segment] : undefined
        if (item === undefined) return { offset }
        node = this.#target(item)
        offset = offsetOf(item)
      } else {
        return { offset }
      }
    }
    return isScalar(node) && node.source !== undefined ? { offset, source: node.source } : { offset }
  }

  #value(node: unknown, path: Path, depth: number): unknown {
    if (this.#stopped || node === null || node === undefined) return null
    if (this.#aliasDepth > 0 && ++this.#aliasedNodes > ALIASED_NODES_MAX) {
      return this.#stop(`aliases stand for more than ${ALIASED_NODES_MAX} values`, 'too-many-aliases', path, node)
    }
    if (depth > DEPTH_MAX) {
      return this.#stop(`the document is nested deeper than ${DEPTH_MAX}`, 'too-deep', path, node)
    }
    if (isAlias(node)) return this.#aliased(node, path, depth)
    const { anchor } = node as { readonly anchor?: string }
    if (anchor !== undefined) this.#anchors.set(anchor, node as Node)
    if (isMap(node)) return this.#object(node, path, depth)
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, index], depth + 1))
    return isScalar(node) ? this.#scalar(node.value, node, path) : null
  }

  #scalar(value: unknown, node: unknown, path: Path): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return this.#fault('the number is out of range', 'type', path, node)
    }
    return typeof value === 'bigint' ? Number(value) : value
  }

  #aliased(alias: Alias, path: Path, depth: number): unknown {
    const target = this.#anchors.get(alias.source)
    if (target === undefined) return this.#fault(`there is no anchor &${alias.source} above`, 'syntax', path, alias)
    this.#targets.set(alias, target)
    this.#aliasDepth++
    const value = this.#value(target, path, depth + 1)
    this.#aliasDepth--
    return value
  }

  #object(map: YAMLMap, path: Path, depth: number): Record<string, unknown> {
    const own = new Set<string>()
    const result: Record<string, unknown> = {}
    for (const { key, value } of map.items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<') {
        this.#merge(result, own, value, path, depth)
        continue
      }
      const name = this.#key(key, path)
      if (name === undefined) continue
      if (own.has(name)) {
        this.#fault(
          `the field ${JSON.stringify(name)} is given twice: keep one of them`,
          'duplicate',
          [...path, name],
          key,
        )
      }
      own.add(name)
      set(result, name, this.#value(value, [...path, name], depth + 1))
    }
    return result
  }

  #key(key: unknown, path: Path): string | undefined {
    const node = isAlias(key) ? this.#anchors.get(key.source) : key
    if (!isScalar(node)) return this.#fault('a field name must be a string', 'syntax', path, key) ?? undefined
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (typeof node.value === 'string') return node.value
    const source = node.source ?? String(node.value)
    const type = node.value === null ? 'null' : `a ${typeof node.value}`
    this.#fault(
      `the name ${source} is read as ${type}, expected a string: quote it, as in "${source}"`,
      'type',
      path,
      key,
    )
    return undefined
  }

  /** `<<: *a` or `<<: [*a, *b]`: fields that the map does not have itself; the first of several maps wins. */
  #merge(result: Record<string, unknown>, own: ReadonlySet<string>, node: unknown, path: Path, depth: number): void {
    const value = this.#value(node, path, depth + 1)
    for (const source of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.#fault('a merge (<<) takes an alias of a map', 'syntax', path, node)
        continue
      }
      for (const [name, item] of Object.entries(source)) {
        if (!own.has(name) && !Object.hasOwn(result, name)) set(result, name, item)
      }
    }
  }

  #target(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node
  }

  #index(map: YAMLMap): Map<string, Pair> {
    let index = this.#indexes.get(map)
    if (index === undefined) {
      index = new Map()
      for (const pair of map.items) {
        if (!isScalar(pair.key) || typeof pair.key.value !== 'string') continue
        const name = pair.key.value
        index.set(name, pair)
        const camel = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
        if (!index.has(camel)) index.set(camel, pair)
      }
      this.#indexes.set(map, index)
    }
    return index
  }

  #stop(message: string, code: string, path: Path, node: unknown): null {
    this.#stopped = true
    return this.#fault(message, code, path, node)
  }

  #fault(message: string, code: string, path: Path, node: unknown): null {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ message, code, path, offset: offsetOf(node) })
    return null
  }
}

function offsetOf(node: unknown): number {
  return (node as Partial<Node> | null | undefined)?.range?.[0] ?? 0
}

/** `__proto__` must become a property like any other, to be refused as one. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
  } else {
    target[name] = value
  }
}
