import { Problem } from '../problem/problem.js'

/** A patch that sends the depth of a call stack is no patch. */
const depthMax = 100

/** RFC 7386: null removes, objects merge, everything else replaces. Neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isObject(patch)) return patch
  if (depth > depthMax) throw new Problem('bad-request', `The patch is nested more than ${depthMax} deep.`)
  // A map and not an object: `__proto__` is a key like another here, and is refused by validation later.
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value, depth + 1))
  }
  return Object.fromEntries(merged)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
