import { describe, expect, it } from '@jest/globals'
import { type RedirectAction } from '@fairlead/core/snapshot'
import { requestView } from '@fairlead/core/routing'
import { RedirectPlan } from './redirect.js'

type How = Partial<RedirectAction>

function locationOf(how: How, authority = 'shop.example', listenerPort = 8080): string {
  const action: RedirectAction = { kind: 'redirect', status: 301, ...how }
  const view = requestView({ method: 'GET', authority, path: '/foo/bar', query: 'q=1' })
  const reply = new RedirectPlan(action, { kind: 'prefix', value: '/foo' }).reply(view, null, listenerPort, false)
  expect(reply.status).toBe(action.status)
  return Buffer.from(reply.fields[0]!.value).toString()
}

describe('RedirectPlan', () => {
  it.each<[string, How, string, string]>([
    ['keeps what it does not name', { status: 302 }, 'shop.example', 'http://shop.example/foo/bar?q=1'],
    ['changes the authority', { authority: 'other' }, 'shop.example', 'http://other/foo/bar?q=1'],
    ['replaces the whole path', { path: { kind: 'full', value: '/x' } }, 'shop.example', 'http://shop.example/x?q=1'],
    ['replaces a prefix raw', { path: { kind: 'prefix', value: '/' } }, 'shop.example', 'http://shop.example//bar?q=1'],
    ['lets the query of a path win', { path: { kind: 'full', value: '/x?y' } }, 'a', 'http://a/x?y'],
    ['keeps the port of the request', {}, 'shop.example:81', 'http://shop.example:81/foo/bar?q=1'],
    ['changes the scheme', { scheme: 'https' }, 'shop.example', 'https://shop.example/foo/bar?q=1'],
    ['drops the old default port with the scheme', { scheme: 'https' }, 'a:80', 'https://a/foo/bar?q=1'],
    ['keeps another port with the scheme', { scheme: 'https' }, 'a:8080', 'https://a:8080/foo/bar?q=1'],
    ['sets the port', { port: 81 }, 'a:8080', 'http://a:81/foo/bar?q=1'],
    ['leaves out the default port of http', { port: 80 }, 'a:8080', 'http://a/foo/bar?q=1'],
    ['leaves out the default port of https', { scheme: 'https', port: 443 }, 'a', 'https://a/foo/bar?q=1'],
    ['takes the port of the listener', { port: 'from-request' }, 'a', 'http://a:8080/foo/bar?q=1'],
    ['sets the port beside the authority', { authority: 'b', port: 81 }, 'a', 'http://b:81/foo/bar?q=1'],
    ['keeps the brackets of an IPv6 host', { port: 81 }, '[::1]', 'http://[::1]:81/foo/bar?q=1'],
  ])('%s', (_, how, authority, expected) => {
    expect(locationOf(how, authority)).toBe(expected)
  })
})
