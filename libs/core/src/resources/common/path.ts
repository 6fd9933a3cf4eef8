/** Where something is in a resource: field names, map keys, and list indexes from 0. */
export type Path = readonly (string | number)[]

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/

/** `spec.http[0].route[1].weight`; a map key that is no plain name is quoted: `metadata.labels["app.io/name"]`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (!PLAIN_KEY.test(segment)) text += `[${JSON.stringify(segment)}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

/** The reverse of `formatPath`. Throws on text that it did not write. */
export function parsePath(text: string): Path {
  const path: (string | number)[] = []
  const segment = /\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  while (segment.lastIndex < text.length) {
    const [, name, index, quoted] = segment.exec(text) ?? []
    if (name !== undefined) path.push(name)
    else if (index !== undefined) path.push(Number(index))
    else if (quoted !== undefined) path.push(JSON.parse(quoted) as string)
    else throw new TypeError(`not a path: ${text}`)
  }
  return path
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((segment, index) => path[index] === segment)
}
