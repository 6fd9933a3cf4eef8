/**
 * The full form of a host as written in a resource: lower case, no dot at the end, and a name without a dot is one of
 * the resource's namespace: `reviews` in `prod` is `reviews.prod.<mesh domain>` (S20). `*` stays `*`.
 */
export function resolveHost(host: string, namespace: string, meshDomain: string): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  return name === '*' || name.includes('.') ? name : `${name}.${namespace}.${meshDomain}`
}

export function isWildcard(host: string): boolean {
  return host.startsWith('*')
}

/** Whether every name that `host` stands for is one of `pattern`. `*.foo.com` does not cover `foo.com` (S10). */
export function covers(pattern: string, host: string): boolean {
  if (pattern === host) return true
  return isWildcard(pattern) && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
}

/** The narrower of two hosts if one covers the other (S55), else null: they have no name in common. */
export function narrower(a: string, b: string): string | null {
  if (covers(a, b)) return b
  return covers(b, a) ? a : null
}

/** Orders the most specific first: names before wildcards, longer before shorter, then by code unit (S10). */
export function compareSpecificity(a: string, b: string): number {
  return Number(isWildcard(a)) - Number(isWildcard(b)) || b.length - a.length || (a < b ? -1 : a > b ? 1 : 0)
}
