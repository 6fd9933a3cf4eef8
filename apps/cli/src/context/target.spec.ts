import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CommandFailure } from '../command-failure.js'
import { isExposed, readConfig, writeConfig } from './config-file.js'
import { defaultStateFolder, discoverController } from './discovery.js'
import { resolveTarget } from './target.js'

let home = ''
const write = (name: string, text: string) => {
  const file = path.join(home, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
const discovery = (pid: number) =>
  write(
    'state/fairlead/controller.json',
    JSON.stringify({ server: 'http://here:1', tokenFile: write('here-token', 'here\n'), pid }),
  )
const config = () =>
  write(
    '.config/fairlead/config.yaml',
    `currentContext: a\ncontexts:\n  - { name: a, server: 'http://a', token: ta, namespace: na }\n  - { name: b, server: 'http://b', tokenFile: ${write('tb', 'tb\n')} }\n`,
  )

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'fairlead-target-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const env = (more: Record<string, string> = {}) => ({ HOME: home, XDG_STATE_HOME: path.join(home, 'state'), ...more })

describe('resolveTarget', () => {
  it('prefers flag, named context, environment, current context, this host: in that order', () => {
    discovery(process.pid)
    const fromHere = resolveTarget({}, env(), false)
    config()
    const all = env({ FAIRLEAD_SERVER: 'http://env', FAIRLEAD_TOKEN: 'te' })
    expect([
      resolveTarget({ server: 'http://flag', context: 'b' }, all, false),
      resolveTarget({ context: 'b' }, env({ FAIRLEAD_SERVER: 'http://env' }), false),
      resolveTarget({}, all, false),
      resolveTarget({}, env(), false),
      fromHere,
    ]).toEqual([
      { server: 'http://flag', token: 'te' },
      { server: 'http://b', token: 'tb' },
      { server: 'http://env', token: 'te' },
      { server: 'http://a', token: 'ta', namespace: 'na' },
      { server: 'http://here:1', token: 'here' },
    ])
  })

  it('knows the token of the controller on this host, also when that is named', () => {
    discovery(process.pid)
    expect(resolveTarget({ server: 'http://here:1/' }, env(), false).token).toBe('here')
    expect(resolveTarget({ server: 'http://there:1' }, env(), false).token).toBeUndefined()
  })

  it('ignores what a killed controller left behind', () => {
    // Above the largest pid of Linux.
    discovery(2 ** 22 + 1)
    expect(discoverController(env(), false)).toBeNull()
    expect(() => resolveTarget({}, env(), false)).toThrow('no controller runs on this host')
  })

  it('says which contexts there are', () => {
    config()
    expect(() => resolveTarget({ context: 'c' }, env())).toThrow(/no context c .*\(known: a, b\)/)
  })

  it('says that a token file cannot be read', () => {
    expect(() => resolveTarget({ server: 'http://x', tokenFile: path.join(home, 'none') }, env())).toThrow(
      CommandFailure,
    )
  })
})

describe('defaultStateFolder', () => {
  it.each([
    [{ STATE_DIRECTORY: '/s', HOME: '/h' }, true, '/s'],
    [{ HOME: '/h' }, true, '/var/lib/fairlead'],
    [{ HOME: '/h', XDG_STATE_HOME: '/x' }, false, '/x/fairlead'],
    [{ HOME: '/h' }, false, '/h/.local/state/fairlead'],
  ])('of %p (root: %p) is %s', (variables, isRoot, folder) => {
    expect(defaultStateFolder(variables, isRoot)).toBe(folder)
  })
})

describe('config file', () => {
  it('is written whole, for its owner only', () => {
    const file = path.join(home, 'new', 'config.yaml')
    const value = { currentContext: 'a', contexts: [{ name: 'a', server: 'http://a' }] }
    writeConfig(file, value)
    expect(readConfig(file)).toEqual(value)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(isExposed(file)).toBe(false)
  })

  it('is empty when it is not there', () => {
    expect(readConfig(path.join(home, 'none.yaml'))).toEqual({ contexts: [] })
  })

  it.each([
    ['contexts: 1', 'contexts: expected a list'],
    ['contexts: [1]', 'contexts[0]: expected a context'],
    ['contexts: [{ name: a }]', 'contexts[0].server: expected a string'],
    ['contexts: [{ name: a, server: b, token: 1 }]', 'contexts[0].token: expected a string'],
    ['currentContext: [', 'config.yaml'],
  ])('%p is refused', (text, message) => {
    expect(() => readConfig(write('config.yaml', text))).toThrow(message)
  })
})
