import type { HTTPMatchRequest, StringMatch as IstioMatch } from '../resources/index.js'
import type { HeaderMatch, PathMatch, QueryParamMatch, RouteMatch, StringMatch } from '../snapshot/index.js'

/** What is left of a match entry at run time; none at all matches every path. */
export function routeMatch(match: HTTPMatchRequest | undefined): RouteMatch {
  const method = stringMatch(match?.method)
  const scheme = stringMatch(match?.scheme)
  const authority = stringMatch(match?.authority)
  const headers = [...headerMatches(match?.headers, false), ...headerMatches(match?.withoutHeaders, true)]
  const queryParams = byName(match?.queryParams).map(([name, value]): QueryParamMatch => {
    const condition = valueOrPresence(value)
    return condition === undefined ? { name } : { name, value: condition }
  })
  return {
    path: pathMatch(match),
    ...(method !== undefined && { method }),
    ...(scheme !== undefined && { scheme }),
    ...(authority !== undefined && { authority }),
    ...(headers.length > 0 && { headers }),
    ...(queryParams.length > 0 && { queryParams }),
  }
}

/** Prefix `/` or regex `.*` and no other condition: whatever follows it could never be reached (S2). */
export function isCatchAll(match: RouteMatch): boolean {
  const { path, ...others } = match
  if (Object.keys(others).length > 0) return false
  return path === undefined || path.value === (path.kind === 'prefix' ? '/' : path.kind === 'regex' ? '.*' : null)
}

function pathMatch(match: HTTPMatchRequest | undefined): PathMatch {
  // As Envoy has it: a route without a condition on the path matches what begins with a slash.
  const path = stringMatch(match?.uri) ?? { kind: 'prefix', value: '/' }
  return match?.ignoreUriCase === true && path.kind !== 'regex' ? { ...path, ignoreCase: true } : path
}

/** Not headers, although Istio lists them as possible names; it passes over them too. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['uri', 'scheme', 'method', 'authority'])

function headerMatches(
  headers: Readonly<Record<string, IstioMatch>> | undefined,
  invert: boolean,
): readonly HeaderMatch[] {
  return byName(headers)
    .filter(([name]) => !IGNORED_HEADERS.has(name))
    .map(([name, match]) => {
      const value = valueOrPresence(match)
      return { name: name.toLowerCase(), ...(value !== undefined && { value }), ...(invert && { invert }) }
    })
}

/** `{}` and the regex `*` ask only for presence (S7). */
function valueOrPresence(match: IstioMatch): StringMatch | undefined {
  return match.regex === '*' ? undefined : stringMatch(match)
}

function stringMatch(match: IstioMatch | undefined): StringMatch | undefined {
  if (match?.exact !== undefined) return { kind: 'exact', value: match.exact }
  if (match?.prefix !== undefined) return { kind: 'prefix', value: match.prefix }
  if (match?.regex !== undefined) return { kind: 'regex', value: match.regex }
  return undefined
}

function byName<T>(entries: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] {
  return Object.entries(entries ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}
