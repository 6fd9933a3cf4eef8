import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseDocuments } from './parse-documents.js'

const codes = (text: string, format: 'yaml' | 'json' = 'yaml'): string[] =>
  parseDocuments(text, { format }).flatMap(({ findings }) => findings.map(({ code }) => code))
const values = (text: string): unknown[] => parseDocuments(text).map(({ value }) => value)

describe('parseDocuments', () => {
  const scalars: readonly (readonly [text: string, value: unknown])[] = [
    ['yes', true],
    ['Off', false],
    ['n', false],
    ['~', null],
    ['1:30', '1:30'],
    ['12:30:45', '12:30:45'],
    ['2024-01-01', '2024-01-01'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['1.10', 1.1],
    ['0x1F', 31],
    ['010', 8],
    ['1_000', 1000],
    ['.', '.'],
    ['"yes"', 'yes'],
    ['!!str 1.10', '1.10'],
  ]
  it.each(scalars)('reads %s as Kubernetes does', (text, value) => {
    expect(values(`a: ${text}`)).toEqual([{ a: value }])
  })

  it('reads several documents and passes over empty ones', () => {
    expect(values('# none\n---\na: 1\n---\n# none\n---\n---\nb: 2\n...\n---\nnull\n')).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('passes over directives', () => {
    expect(values('%YAML 1.1\n---\na: on\n')).toEqual([{ a: true }])
  })

  it('takes a line of three dashes within a block scalar for a new document, and an indented one not', () => {
    expect(values('a: |\n  x\n  --- y\n---\nb: 1\n')).toEqual([{ a: 'x\n--- y\n' }, { b: 1 }])
  })

  it('gives the items of a List as documents, with their places', () => {
    const documents = parseDocuments('kind: VirtualServiceList\nitems:\n- a: 1\n- a: 2\n')
    expect(documents.map(({ index, value }) => [index, value])).toEqual([
      [0, { a: 1 }],
      [1, { a: 2 }],
    ])
    expect(documents[1]?.locate(['a'])).toEqual({ line: 4, column: 3, source: '2' })
  })

  it('merges maps as YAML does: own fields win, then the first map', () => {
    expect(values('p: &p {a: 1, b: 1}\nq: &q {b: 2, c: 2}\nr: {<<: [*p, *q], a: 0}')).toEqual([
      { p: { a: 1, b: 1 }, q: { b: 2, c: 2 }, r: { a: 0, b: 1, c: 2 } },
    ])
  })

  it('keeps __proto__ a field like any other', () => {
    for (const format of ['yaml', 'json'] as const) {
      const [document] = parseDocuments('{"__proto__": {"a": 1}, "constructor": 2}', { format })
      expect(Object.keys(document?.value as object)).toEqual(['__proto__', 'constructor'])
      expect(Object.getPrototypeOf(document?.value)).toBe(Object.prototype)
    }
  })

  const broken: readonly (readonly [name: string, text: string, code: string])[] = [
    ['an open bracket', 'a: [1', 'syntax'],
    ['tabs', 'a:\n\tb: 1', 'syntax'],
    ['an unknown alias', 'a: *b', 'syntax'],
    ['an unknown tag', 'a: !secret b', 'syntax'],
    ['a merge of a scalar', 'a: {<<: 1}', 'syntax'],
    ['a field twice', 'a: 1\nb: 2\na: 3', 'duplicate'],
    ['a number as a name', '1: a', 'type'],
    ['a boolean as a name', 'on: a', 'type'],
    ['a list as a name', '? [a]\n: b', 'syntax'],
    ['infinity', 'a: .inf', 'type'],
    ['U+0000', 'a: \0', 'invalid'],
    ['a document that is too large', `a: ${'x'.repeat(1024 * 1024)}`, 'too-large'],
    ['deep flow lists', '['.repeat(1000), 'too-deep'],
    ['deep block lists', '- '.repeat(1000) + 'a', 'too-deep'],
    ['deep maps', '{a: '.repeat(65) + '1' + '}'.repeat(65), 'too-deep'],
    ['an alias of what it is in', 'a: &a [*a, *a]', 'too-deep'],
  ]
  it.each(broken)('refuses %s', (_, text, code) => {
    expect(codes(text)).toContain(code)
  })

  it('refuses an alias bomb before it expands', () => {
    const levels = [...'abcdefghi'].map((name, i, all) => {
      const items = Array.from({ length: 10 }, () => (i === 0 ? 'lol' : `*${all[i - 1]}`))
      return `${name}: &${name} [${items.join(', ')}]`
    })
    expect(codes(levels.join('\n'))).toEqual(['too-many-aliases'])
  })

  it('stops reading after a mebibyte of broken documents', () => {
    const large = `a: [${'x '.repeat(200_000)}\n`
    expect(parseDocuments(`${large.repeat(2)}---\n${large}---\n${large}---\na: 1\n`)).toHaveLength(2)
  })

  it('gives the line and column of a syntax error in a later document', () => {
    const [, second] = parseDocuments('a: 1\n---\nb: 2\nc: [1\n')
    expect(second?.findings[0]).toMatchObject({ code: 'syntax', line: 5 })
  })

  it('finds the place of a path, of a missing field, and of a field in snake_case', () => {
    const [document] = parseDocuments('---\nspec:\n  export_to: [".", b]\n  http:\n  - name: a\n')
    expect(document?.locate(['spec', 'exportTo', 1])).toEqual({ line: 3, column: 20, source: 'b' })
    expect(document?.locate(['spec', 'http', 0, 'route'])).toEqual({ line: 5, column: 5 })
    expect(document?.locate([])).toMatchObject({ line: 2 })
  })

  const json: readonly (readonly [name: string, text: string, ...codes: string[]])[] = [
    ['an object', '{"a": 1}'],
    ['an array', '[{"a": "\\"}"}, {"b": [1, {"c": null}]}]'],
    ['a broken object', '{"a": 1', 'syntax'],
    ['nothing', '', 'syntax'],
    ['YAML', 'a: 1', 'syntax'],
    ['a field twice', '[{"a": 1, "b": {"c": 1, "\\u0063": 2}}]', 'duplicate'],
    ['equal fields side by side', '[{"a": {"c": 1}, "b": {"c": 1}}, {"a": 1}]'],
    ['deep lists', '['.repeat(70) + ']'.repeat(70), 'too-deep'],
    ['a large document among small ones', `[{"a": "${'x'.repeat(1024 * 1024)}"}, {"b": 1}]`, 'too-large'],
  ]
  it.each(json)('reads JSON: %s', (_, text, ...expected) => {
    expect(codes(text, 'json')).toEqual(expected)
  })

  it('finds places in JSON', () => {
    const documents = parseDocuments('[{"a": 1},\n {"spec": {"b": [1,\n  {"c": 2}]}}]', { format: 'json' })
    expect(documents[1]?.locate(['spec', 'b', 1, 'c'])).toEqual({ line: 3, column: 4 })
    expect(documents[1]?.locate(['spec', 'b', 1, 'd'])).toEqual({ line: 3, column: 3 })
    expect(documents[0]?.locate(['a'])).toEqual({ line: 1, column: 3 })
  })

  it('never throws, whatever the text', () => {
    const yamlish = fc.array(fc.constantFrom(...'-:[]{}&*!|>\'"%@`#,? \n\ta1<.~\0'), { maxLength: 40 })
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      yamlish.map((chars) => chars.join('')),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('yaml' as const, 'json' as const), (input, format) => {
        for (const { locate } of parseDocuments(input, { format })) locate(['a', 0])
      }),
      { numRuns: 500 },
    )
  })

  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        const [document] = parseDocuments(text, { format: 'json' })
        expect(document?.findings).toEqual([])
        expect(JSON.stringify(document?.value)).toEqual(text)
      }),
    )
  })
})
