import { describe, expect, it } from '@jest/globals'
import type { InboundBind, Registration } from './agent-record.js'
import { checkRegistration, type RegistrationRefused } from './registration.js'

const bind: InboundBind = {
  bindAddress: '0.0.0.0',
  bindPort: 15006,
  applicationPort: 8080,
  applicationAddress: '127.0.0.1',
}
const good: Registration = {
  namespace: 'default',
  name: 'web-1.example',
  labels: { app: 'web', 'example.com/tier': '' },
  role: 'sidecar',
  address: '10.0.0.7',
  locality: 'eu/a/1',
  inbound: [bind],
  agentVersion: '0.1.0',
  instanceEpoch: 1,
}
const anyLabels = { tokenName: 'first', namespace: 'default', labels: null }

function refusal(change: Partial<Registration>, grant = anyLabels): RegistrationRefused | null {
  try {
    checkRegistration({ ...good, ...change }, grant)
    return null
  } catch (error) {
    return error as RegistrationRefused
  }
}

describe('checkRegistration', () => {
  it.each<[string, Partial<Registration>]>([
    ['what an agent usually says', {}],
    ['an IPv6 host', { address: '2001:db8::1', inbound: [{ ...bind, bindAddress: '::' }] }],
    ['a mesh on one host', { address: '127.0.0.2' }],
    ['an agent that serves nothing and has no address', { address: '', inbound: [] }],
    ['one port on two addresses', { inbound: [bind, { ...bind, bindAddress: '10.0.0.7', applicationPort: 8081 }] }],
    ['a shorter locality', { locality: 'eu' }],
    ['no locality', { locality: '' }],
    ['a name of 253 characters', { name: `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}` }],
  ])('takes %s', (_, change) => {
    expect(refusal(change)).toBeNull()
  })

  it.each<[string, Partial<Registration>, RegExp]>([
    ['an empty name', { name: '' }, /^name: /],
    ['a label of 64 characters in a name', { name: 'a'.repeat(64) }, /^name: /],
    ['a name that climbs', { name: '../x' }, /^name: /],
    ['a dot in a namespace', { namespace: 'a.b' }, /^namespace: /],
    ['a role of no kind', { role: 'router' as 'sidecar' }, /^role: "router"/],
    ['an epoch beyond exact numbers', { instanceEpoch: 2 ** 60 }, /^instance_epoch: /],
    ['a label key that is none', { labels: { 'a b': 'x' } }, /^labels: "a b"/],
    ['a label value that is none', { labels: { app: 'a/b' } }, /^labels\["app"\]: "a\/b"/],
    ['__proto__ as a label', { labels: JSON.parse('{"__proto__":"x"}') as Record<string, string> }, /^labels: /],
    ['65 labels', { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, ''])) }, /^labels: /],
    ['a host name as address', { address: 'web.local' }, /^address: /],
    ['inbound ports at no address', { address: '' }, /^address: is missing/],
    ['the unspecified address', { address: '::' }, /^address: /],
    ['a multicast address', { address: '224.0.0.1' }, /^address: /],
    ['the broadcast address', { address: '255.255.255.255' }, /^address: /],
    ['an IPv6 multicast address', { address: 'ff02::1' }, /^address: /],
    ['an address with a zone', { address: 'fe80::1%eth0' }, /^address: /],
    ['a locality of four parts', { locality: 'a/b/c/d' }, /^locality: /],
    ['U+0000 in a locality', { locality: 'a\0' }, /^locality: /],
    ['U+0000 in a version', { agentVersion: '1\0' }, /^agent_version: /],
    ['a bind of no address', { inbound: [{ ...bind, bindAddress: '' }] }, /^inbound\[0\]\.bind_address: /],
    ['port 0', { inbound: [{ ...bind, bindPort: 0 }] }, /^inbound\[0\]\.bind_port: 0/],
    ['port 65536', { inbound: [{ ...bind, applicationPort: 65536 }] }, /^inbound\[0\]\.application_port: 65536/],
    ['an application at no address', { inbound: [{ ...bind, applicationAddress: 'x' }] }, /application_address: "x"/],
    ['the same bind twice', { inbound: [bind, { ...bind, applicationPort: 1 }] }, /^inbound\[1\]: binds/],
    ['the same application port twice', { inbound: [bind, { ...bind, bindPort: 1 }] }, /^inbound\[1\]: application/],
  ])('refuses %s, by its field', (_, change, message) => {
    expect(refusal(change)).toMatchObject({ reason: 'invalid', message: expect.stringMatching(message) })
  })

  it('refuses what the token does not grant', () => {
    const grant = { ...anyLabels, labels: { app: 'web' } as Record<string, string> | null } as typeof anyLabels
    expect(refusal({}, grant)).toBeNull()
    expect(refusal({ labels: { app: 'api' } }, grant)).toMatchObject({ reason: 'denied' })
    expect(refusal({ labels: {} }, grant)).toMatchObject({ reason: 'denied' })
    expect(refusal({ namespace: 'prod' })).toMatchObject({
      reason: 'denied',
      message: 'join token "first" admits to namespace "default", not "prod"',
    })
  })
})
