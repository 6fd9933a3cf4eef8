import type { Mesh } from '../mesh/index.js'

/** Remembers what was derived from a mesh by a key, for as long as the mesh lives: agents of one revision share it. */
export function perMesh<T>(): (mesh: Mesh, key: string, build: () => T) => T {
  const memos = new WeakMap<Mesh, Map<string, T>>()
  return (mesh, key, build) => {
    const memo = memos.get(mesh) ?? new Map<string, T>()
    memos.set(mesh, memo)
    const known = memo.get(key)
    if (known !== undefined) return known
    const built = build()
    memo.set(key, built)
    return built
  }
}
