/**
 * Finds, for a host, the entry of `hosts` that takes it in: the same name, or a wildcard such as `*.com`, which takes in
 * `*.foo.com` and `foo.com`. Without case. Cost per look-up does not grow with the number of hosts.
 */
export function hostCover(hosts: readonly string[]): (host: string) => string | undefined {
  const exact = new Map<string, string>()
  const suffixes = new Map<string, string>()
  hosts.forEach((host) => {
    const lower = host.toLowerCase()
    if (!exact.has(lower)) exact.set(lower, host)
    if (lower.startsWith('*')) suffixes.set(lower.slice(1), host)
  })
  return (host) => exact.get(host.toLowerCase()) ?? widerCover(suffixes, host.toLowerCase())
}

/** As `hostCover`, but an entry does not take in itself. */
export function widerHost(hosts: readonly string[]): (host: string) => string | undefined {
  const suffixes = new Map<string, string>()
  hosts.forEach((host) => {
    if (host.startsWith('*')) suffixes.set(host.toLowerCase().slice(1), host)
  })
  return (host) => widerCover(suffixes, host.toLowerCase())
}

function widerCover(suffixes: ReadonlyMap<string, string>, host: string): string | undefined {
  // A wildcard takes in itself only by its exact name, so its own suffix is passed over.
  const start = host.startsWith('*') ? 2 : 0
  for (let index = start; index <= host.length && index <= 256; index++) {
    const wide = suffixes.get(host.slice(index))
    if (wide !== undefined) return wide
  }
  return undefined
}
