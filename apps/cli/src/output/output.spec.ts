import { describe, expect, it } from '@jest/globals'
import { parseDuration } from '../duration.js'
import { formatAge } from './age.js'
import { colorsFor } from './color.js'
import { evaluateJsonPath, parseJsonPath } from './json-path.js'
import { formatTable } from './table.js'

describe('formatTable', () => {
  it('pads columns, not the last one, and gives colours no room', () => {
    const red = colorsFor({}, {}, 'always').red('x')
    const rows = [
      [red, 'second'],
      ['longer', ''],
    ]
    expect(formatTable(['A', 'B'], rows)).toBe(`A        B\n${red}        second\nlonger\n`)
  })
})

describe('formatAge', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [3_599, '59m'],
    [4 * 3_600 + 60, '4h1m'],
    [47 * 3_600, '47h'],
    [3 * 86_400 + 3_600, '3d1h'],
    [400 * 86_400, '400d'],
    [-5, '0s'],
  ])('of %i seconds is %s', (seconds, text) => {
    const now = Date.parse('2026-11-24T10:00:00Z')
    expect(formatAge(new Date(now - seconds * 1000).toISOString(), now)).toBe(text)
  })

  it('of no time is -', () => {
    expect([formatAge(null, 0), formatAge('soon', 0)]).toEqual(['-', '-'])
  })
})

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['7d', 604_800_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each(['', '30', 's', '-1s', '1w', '1s '])('refuses %p', (text) => {
    expect(() => parseDuration(text)).toThrow('expected a duration')
  })
})

describe('JSONPath', () => {
  const value = { a: { 'b/c': [1, { d: 'x' }, { d: 'y' }] }, items: [{ n: 'p' }, { n: 'q' }], none: null }

  it.each([
    ['{.items[0].n}', 'p'],
    ['{.items[-1].n}', 'q'],
    ['{.items[*].n}', 'p q'],
    ["{.a['b/c'][1]}", '{"d":"x"}'],
    ['.items[1].n', 'q'],
    ['{$.items[1].n}', 'q'],
    ['{.missing.deep[3]}', ''],
    ['{.none}', 'null'],
    ['{.__proto__}', ''],
    ['n={.items[0].n}{"\\t"}!', 'n=p\t!'],
    ['{range .items[*]}<{.n}{"}"}>{end}', '<p}><q}>'],
  ])('%s', (template, text) => expect(evaluateJsonPath(parseJsonPath(template), value)).toBe(text))

  it.each(['{.a[?(@.b)]}', '{.a[0:2]}', '{range .a}', '{end}', '{.a', '{..a}'])('refuses %s', (template) => {
    expect(() => parseJsonPath(template)).toThrow(SyntaxError)
  })
})

describe('colorsFor', () => {
  const tty = { isTTY: true }
  it.each([
    ['a terminal', tty, {}, 'auto', true],
    ['a pipe', {}, {}, 'auto', false],
    ['NO_COLOR', tty, { NO_COLOR: '1' }, 'auto', false],
    ['an empty NO_COLOR', tty, { NO_COLOR: '' }, 'auto', true],
    ['CLICOLOR_FORCE', {}, { CLICOLOR_FORCE: '1' }, 'auto', true],
    ['a dumb terminal', tty, { TERM: 'dumb' }, 'auto', false],
    ['the flag', {}, { NO_COLOR: '1' }, 'always', true],
  ] as const)('%s', (_, stream, env, when, colored) => {
    expect(colorsFor(stream, env, when).isColorSupported).toBe(colored)
  })
})
