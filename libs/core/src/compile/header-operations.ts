import type { HeaderOperations as IstioOperations } from '../resources/index.js'
import type { HeaderOperations } from '../snapshot/index.js'

/**
 * What Istio's operations of one level come to. Several sets of one level are one Envoy level: all removals, then all
 * sets, then all adds, each in the order given and by name. Undefined: nothing to do.
 */
export function mergeLevel(levels: readonly (IstioOperations | undefined)[]): HeaderOperations | undefined {
  const operations = new OperationsBuilder()
  for (const level of levels) for (const name of level?.remove ?? []) operations.remove(name)
  for (const level of levels) for (const [name, value] of byName(level?.set)) operations.set(name, value)
  for (const level of levels) for (const [name, value] of byName(level?.add)) operations.add(name, value)
  return operations.build()
}

/** One after the other: what `second` removes or sets also takes what `first` appended. */
export function inSequence(
  first: HeaderOperations | undefined,
  second: HeaderOperations | undefined,
): HeaderOperations | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return {
    drop: [...new Set([...first.drop, ...second.drop])],
    append: [...first.append.filter(([name]) => !second.drop.includes(name)), ...second.append],
  }
}

/** The authority that `set` or else `add` of `host` or `:authority` asks for (S17). */
export function authorityOf(operations: IstioOperations | undefined): string | undefined {
  for (const headers of [operations?.set, operations?.add]) {
    const values = byName(headers).filter(([name]) => isAuthority(name))
    if (values.length > 0) return unescape(values[values.length - 1]![1])
  }
  return undefined
}

/** Drops and appends, in the order of calling. `host` and pseudo-headers are passed over: they are no plain headers. */
class OperationsBuilder {
  readonly #drop = new Set<string>()
  #append: (readonly [name: string, value: string])[] = []

  remove(written: string): void {
    const name = written.toLowerCase()
    if (isInternal(name)) return
    this.#drop.add(name)
    this.#append = this.#append.filter(([other]) => other !== name)
  }

  set(name: string, value: string): void {
    this.remove(name)
    this.add(name, value)
  }

  add(written: string, value: string): void {
    const name = written.toLowerCase()
    if (!isInternal(name)) this.#append.push([name, unescape(value)])
  }

  build(): HeaderOperations | undefined {
    if (this.#drop.size === 0 && this.#append.length === 0) return undefined
    return { drop: [...this.#drop].sort(), append: this.#append }
  }
}

function byName(headers: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}

function isAuthority(name: string): boolean {
  return /^(?::authority|host)$/i.test(name)
}

function isInternal(name: string): boolean {
  return name.startsWith(':') || name === 'host'
}

/** Envoy's spelling of a percent sign in a header value. */
function unescape(value: string): string {
  return value.replaceAll('%%', '%')
}
