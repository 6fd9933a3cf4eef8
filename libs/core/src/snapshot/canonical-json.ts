/**
 * JSON with one spelling per value: keys sorted by code unit, no white space, `undefined` members left out. Equal
 * values give equal text, so the text can be hashed. Throws TypeError on what JSON cannot say (NaN, functions, cycles
 * by stack overflow) instead of writing `null` in its place.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`)
      return JSON.stringify(value)
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value)
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`)
  }
}

function canonicalArray(values: readonly unknown[]): string {
  let text = '['
  for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ',') + canonicalJson(values[i])
  return text + ']'
}

function canonicalObject(value: object): string {
  if (value instanceof Map || value instanceof Set) throw new TypeError('maps and sets have no JSON form')
  const members = value as Readonly<Record<string, unknown>>
  let text = '{'
  for (const key of Object.keys(members).sort()) {
    if (members[key] === undefined) continue
    text += (text === '{' ? '' : ',') + JSON.stringify(key) + ':' + canonicalJson(members[key])
  }
  return text + '}'
}
