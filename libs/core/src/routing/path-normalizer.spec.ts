import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createPathNormalizer, PATH_NORMALIZATIONS, PATH_REFUSED, type PathNormalization } from './path-normalizer.js'

const encoder = new TextEncoder()
const REFUSED = null

/** Normalises within a larger buffer, so that a write outside the path is seen. */
function normalize(path: string, normalization: PathNormalization): string | null {
  const normalizer = createPathNormalizer(normalization)
  const bytes = encoder.encode(`GET ${path}?/../%2F HTTP`)
  const start = 4
  const pathEnd = start + encoder.encode(path).length
  const end = normalizer === null ? pathEnd : normalizer.normalize(bytes, start, pathEnd)
  expect(Buffer.from(bytes.subarray(0, start)).toString()).toBe('GET ')
  expect(Buffer.from(bytes.subarray(pathEnd)).toString()).toBe('?/../%2F HTTP')
  return end === PATH_REFUSED ? REFUSED : Buffer.from(bytes.subarray(start, end)).toString()
}

/** What Envoy does under each of Istio's options: path, BASE, MERGE_SLASHES, DECODE_AND_MERGE_SLASHES. */
const TABLE: readonly (readonly [string, string | null, string | null, string | null])[] = [
  ['/', '/', '/', '/'],
  ['/app', '/app', '/app', '/app'],
  ['/app/', '/app/', '/app/', '/app/'],
  ['/a.b/c..d/.e/f.', '/a.b/c..d/.e/f.', '/a.b/c..d/.e/f.', '/a.b/c..d/.e/f.'],
  ['/.../admin', '/.../admin', '/.../admin', '/.../admin'],
  ['/..;/admin', '/..;/admin', '/..;/admin', '/..;/admin'],
  ['/Admin', '/Admin', '/Admin', '/Admin'],
  // Dot segments.
  ['/app/../admin', '/admin', '/admin', '/admin'],
  ['/app/./admin', '/app/admin', '/app/admin', '/app/admin'],
  ['/app/.', '/app/', '/app/', '/app/'],
  ['/app/..', '/', '/', '/'],
  ['/a/b/..', '/a/', '/a/', '/a/'],
  ['/..', '/', '/', '/'],
  ['/.', '/', '/', '/'],
  ['/../../admin', '/admin', '/admin', '/admin'],
  ['/a/b/c/../../../../d', '/d', '/d', '/d'],
  // Slashes in a row are segments until they are merged.
  ['//', '//', '/', '/'],
  ['//a', '//a', '/a', '/a'],
  ['/app//', '/app//', '/app/', '/app/'],
  ['/app//../admin', '/app/admin', '/app/admin', '/app/admin'],
  ['/app//../../admin', '/admin', '/admin', '/admin'],
  ['//..//admin', '//admin', '/admin', '/admin'],
  // Escapes of unreserved characters.
  ['/%61%41%39%2d%2E%5f%7e', '/aA9-._~', '/aA9-._~', '/aA9-._~'],
  ['/app/%2E./admin', '/admin', '/admin', '/admin'],
  ['/app/%2e%2E', '/', '/', '/'],
  ['/xyz%30..//abc', '/xyz0..//abc', '/xyz0../abc', '/xyz0../abc'],
  // All others keep their escape and its case.
  ['/%20%c3%A9%25%3f%23', '/%20%c3%A9%25%3f%23', '/%20%c3%A9%25%3f%23', '/%20%c3%A9%25%3f%23'],
  ['/%252e%252e/admin', '/%252e%252e/admin', '/%252e%252e/admin', '/%252e%252e/admin'],
  ['/%c0%2e%c0%2e/admin', '/%c0.%c0./admin', '/%c0.%c0./admin', '/%c0.%c0./admin'],
  ['/%c0%afadmin', '/%c0%afadmin', '/%c0%afadmin', '/%c0%afadmin'],
  // Slashes by another name.
  ['/app\\admin', '/app/admin', '/app/admin', '/app/admin'],
  ['\\da', '/da', '/da', '/da'],
  ['/app/\\/\\/\\admin', '/app//////admin', '/app/admin', '/app/admin'],
  ['/app/%2f', '/app/%2f', '/app/%2f', '/app/'],
  ['/app%2F/', '/app%2F/', '/app%2F/', '/app/'],
  ['/%2Fapp%5cadmin%5Cabc', '/%2Fapp%5cadmin%5Cabc', '/%2Fapp%5cadmin%5Cabc', '/app/admin/abc'],
  ['/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\\abc', '/%5Capp%2f%5c%2F..%2fadmin%5c/abc', '/%5Capp%2f%5c%2F..%2fadmin%5c/abc', '/app/admin/abc'],
  ['/a%2f..%2fb', '/a%2f..%2fb', '/a%2f..%2fb', '/b'],
  // No normal form.
  ['/admin%00', REFUSED, REFUSED, REFUSED],
  ['/%', REFUSED, REFUSED, REFUSED],
  ['/%4', REFUSED, REFUSED, REFUSED],
  ['/%%300', REFUSED, REFUSED, REFUSED],
  ['/%zz', REFUSED, REFUSED, REFUSED],
  // No path at all.
  ['*', '*', '*', '*'],
  ['', '', '', ''],
] // prettier-ignore

const anyPath = fc
  .array(fc.constantFrom('/', '/', '.', '..', 'a', 'b', '%2e', '%2F', '%5c', '%61', '%20', '%25', '\\', '~'))
  .map((pieces) => `/${pieces.join('')}`)
const anyNormalization = fc.constantFrom(...PATH_NORMALIZATIONS)

describe('PathNormalizer', () => {
  it.each(TABLE)('takes %j as %j, merged %j, decoded %j', (path, base, merged, decoded) => {
    expect(normalize(path, 'BASE')).toBe(base)
    expect(normalize(path, 'MERGE_SLASHES')).toBe(merged)
    expect(normalize(path, 'DECODE_AND_MERGE_SLASHES')).toBe(decoded)
    expect(normalize(path, 'NONE')).toBe(path)
  })

  it('decodes exactly the unreserved characters, and slashes where it is told to', () => {
    for (let byte = 1; byte < 256; byte++) {
      const character = String.fromCharCode(byte)
      const escape = `%${byte.toString(16).padStart(2, '0')}`
      const base = /[A-Za-z0-9._~-]/.test(character) ? character : escape
      expect(normalize(`/x${escape}y`, 'BASE')).toBe(`/x${base}y`)
      const decoded = character === '/' || character === '\\' ? '/' : base
      expect(normalize(`/x${escape}y`, 'DECODE_AND_MERGE_SLASHES')).toBe(`/x${decoded}y`)
    }
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyPath, anyNormalization, (path, normalization) => {
        const once = normalize(path, normalization)!
        expect(normalize(once, normalization)).toBe(once)
      }),
      { numRuns: 5_000, seed: 41 },
    )
  })

  it('agrees with a reading by strings that shares no code with it', () => {
    fc.assert(
      fc.property(anyPath, anyNormalization, (path, normalization) => {
        expect(normalize(path, normalization)).toBe(byStrings(path, normalization))
      }),
      { numRuns: 5_000, seed: 42 },
    )
  })

  it('climbs to the root and no higher, through a path of a megabyte', () => {
    const path = '/a'.repeat(250_000) + '/..'.repeat(250_000)
    expect(normalize(path, 'BASE')).toBe('/')
  })
})

function byStrings(path: string, normalization: PathNormalization): string {
  if (normalization === 'NONE') return path
  let text = normalization === 'DECODE_AND_MERGE_SLASHES' ? path.replace(/%2f|%5c/gi, '/') : path
  text = text.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape
  })
  const kept: string[] = []
  const segments = text.replaceAll('\\', '/').slice(1).split('/')
  segments.forEach((segment, i) => {
    const isDots = segment === '.' || segment === '..'
    if (segment === '..') kept.pop()
    if (!isDots) kept.push(segment)
    else if (i === segments.length - 1) kept.push('')
  })
  const resolved = `/${kept.join('/')}`
  return normalization === 'BASE' ? resolved : resolved.replace(/\/+/g, '/')
}
