import { readFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ServerCredentials, status } from '@grpc/grpc-js'
import { buildSnapshot, encodePart, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import {
  startScriptedController,
  tempFolder,
  waitFor,
  type ScriptedController,
  type ScriptedControllerOptions,
  type TempFolder,
} from '@fairlead/testkit'
import { pino } from 'pino'
import { ControlSession, type ControlSessionOptions } from './control-session.js'

/** A snapshot with one cluster for each name. */
function snapshot(revision: number, ...names: string[]): Snapshot {
  const version: SnapshotVersion = { revision, overlay: 0, endpoints: 0 }
  return buildSnapshot(
    version,
    names.map((name) =>
      encodePart({
        type: 'cluster',
        name,
        direction: 'outbound',
        service: { host: name, port: 80, subset: '' },
        discovery: 'endpoints',
        loadBalancer: 'RANDOM',
        connectTimeoutMs: 1000,
      }),
    ),
  )
}

const one = snapshot(1, 'a')
const two = snapshot(2, 'a', 'b')
const three = snapshot(3, 'b')
const inbound = {
  bindAddress: '10.0.0.7',
  bindPort: 15006,
  applicationPort: 8080,
  applicationAddress: '127.0.0.1',
}
const testdata = (name: string) => join(import.meta.dirname, 'testdata', name)
const wireVersion = (revision: number) => ({ revision: BigInt(revision), overlay: 0n, endpoints: 0n })

describe('ControlSession', () => {
  let folder: TempFolder
  const closers: (() => Promise<void> | void)[] = []
  /** What the session did, in order. */
  let events: string[]
  /** How long it wanted to wait before each new try. */
  let waits: number[]
  let logged: { msg: string; reason?: string }[]

  beforeEach(async () => {
    folder = await tempFolder('control-session')
    await writeFile(join(folder.path, 'token'), 'the-token\n')
    events = []
    waits = []
    logged = []
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await folder.remove()
  })

  async function controller(options: ScriptedControllerOptions = {}): Promise<ScriptedController> {
    const started = await startScriptedController(options)
    closers.push(() => started.close())
    return started
  }

  function session(port: number, options: Partial<ControlSessionOptions> = {}): ControlSession {
    const started = new ControlSession({
      controller: { host: '127.0.0.1', port, tokenFile: join(folder.path, 'token'), caFile: null },
      node: {
        name: 'shop-1',
        namespace: 'prod',
        labels: { app: 'shop' },
        role: 'sidecar',
        address: '10.0.0.7',
        locality: 'eu/a/1',
        workloadGroup: '',
        inbound: [inbound],
      },
      agentVersion: '0.1.0',
      instanceEpoch: 1_700_000_000_000,
      initial: null,
      apply: ({ version }) => void events.push(`apply ${version.revision}`),
      persist: async ({ version }) => void events.push(`persist ${version.revision}`),
      onDraining: (draining) => void events.push(`draining ${draining}`),
      log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line)) }),
      sleep: (ms, signal) => delay(waits.push(ms) && 10, undefined, { signal }),
      ...options,
    })
    started.start()
    closers.push(() => started.stop())
    return started
  }

  it('presents its token, says who it is, and applies, persists and acknowledges what it gets', async () => {
    const { port, stream } = await controller()
    session(port)
    const agent = await stream(0)
    expect(agent.authorization).toBe('Bearer the-token')
    expect(agent.hello).toMatchObject({
      node: { name: 'shop-1', namespace: 'prod', labels: { app: 'shop' }, role: 'sidecar', address: '10.0.0.7' },
      instanceEpoch: 1_700_000_000_000n,
      version: wireVersion(0),
      snapshotHash: '',
      agentVersion: '0.1.0',
    })
    expect(agent.hello.node!.inbound).toEqual([inbound])

    agent.sendSnapshot(null, one)
    expect(await agent.next('ack')).toEqual({ version: wireVersion(1), hash: one.hash })
    expect(events).toEqual(['apply 1', 'persist 1'])
  })

  it('follows a chain of deltas', async () => {
    const applied: Snapshot[] = []
    const { port, stream } = await controller()
    session(port, { apply: (next) => void applied.push(next) })
    const agent = await stream(0)
    for (const [base, next] of [
      [null, one],
      [one, two],
      [two, three],
    ] as const) {
      agent.sendSnapshot(base, next)
      expect(await agent.next('ack')).toMatchObject({ hash: next.hash })
    }
    expect([...applied.at(-1)!.parts.keys()]).toEqual(['cluster/b'])
  })

  it('applies only the newest of the updates that came during an apply', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const { port, stream } = await controller()
    const running = session(port, {
      apply: async ({ version }) => {
        events.push(`apply ${version.revision}`)
        if (version.revision === 1) await held
      },
    })
    const agent = await stream(0)
    agent.sendSnapshot(null, one)
    agent.sendSnapshot(one, two)
    agent.sendSnapshot(two, three)
    agent.send({ $case: 'drain', value: { draining: true } })
    // Messages come in order: when the drain is seen, the updates were.
    await waitFor('the drain request', () => running.status.draining)
    release()
    expect(await agent.next('ack')).toMatchObject({ hash: one.hash })
    expect(await agent.next('ack')).toMatchObject({ hash: three.hash })
    expect(events).toEqual(['apply 1', 'draining true', 'persist 1', 'apply 3', 'persist 3'])
  })

  it('refuses what cannot be applied, says why, keeps the old, and takes the next', async () => {
    const { port, stream } = await controller()
    const running = session(port, {
      apply: ({ version }) => {
        if (version.revision === 2) throw new Error('part cluster/b: cannot be built')
        events.push(`apply ${version.revision}`)
      },
    })
    const agent = await stream(0)
    agent.sendSnapshot(null, one)
    await agent.next('ack')
    agent.sendSnapshot(one, two)
    expect(await agent.next('nack')).toEqual({
      version: wireVersion(2),
      hash: two.hash,
      reason: 'part cluster/b: cannot be built',
    })
    expect(running.status.lastNack).toEqual({ version: '2.0.0', reason: 'part cluster/b: cannot be built' })
    // The controller may build on the refused one as well as on the running one.
    agent.sendSnapshot(two, three)
    expect(await agent.next('ack')).toMatchObject({ hash: three.hash })
    expect(events).toEqual(['apply 1', 'persist 1', 'apply 3', 'persist 3'])
    expect(running.status.lastNack).toBeNull()
    const { schema, values } = running.stats
    expect(Object.fromEntries(schema.stats.map(({ name }, id) => [name, values[id]]))).toEqual({
      connected: 1,
      connects_total: 1,
      config_applied_total: 2,
      config_nacks_total: 1,
      config_resyncs_total: 0,
      config_unkept: 0,
      draining: 0,
      config_revision: 3,
      config_overlay: 0,
      config_endpoints: 0,
    })
  })

  it('refuses a delta whose content is not what its hashes say, and never applies it', async () => {
    const { port, stream } = await controller()
    session(port)
    const agent = await stream(0)
    const part = [...one.parts.values()][0]!
    const update = (hash: string, content: Buffer) => ({
      version: wireVersion(1),
      baseHash: '',
      hash,
      changed: [{ key: part.key, hash: part.hash, content }],
      removed: [],
    })
    agent.send({ $case: 'update', value: update(one.hash, Buffer.from('{}')) })
    expect((await agent.next('nack')).reason).toContain('part cluster/a: content has hash')
    agent.send({ $case: 'update', value: update('f'.repeat(32), Buffer.from(part.bytes)) })
    expect((await agent.next('nack')).reason).toContain('not to the announced')
    agent.send({ $case: 'update', value: { ...update(one.hash, Buffer.from(part.bytes)), version: undefined } })
    expect((await agent.next('nack')).reason).toBe('the update names no version')
    expect(events).toEqual([])
  })

  it('comes back with an empty hash when a delta starts from what it does not have', async () => {
    const { port, stream } = await controller()
    session(port, { initial: one })
    const agent = await stream(0)
    expect(agent.hello).toMatchObject({ version: wireVersion(1), snapshotHash: one.hash })
    agent.sendSnapshot(two, three)
    const again = await stream(1)
    expect(again.hello).toMatchObject({ version: wireVersion(1), snapshotHash: '' })
    again.sendSnapshot(null, three)
    expect(await again.next('ack')).toMatchObject({ hash: three.hash })
    expect(events).toEqual(['apply 3', 'persist 3'])
  })

  it('drops an older delta, but takes an older full snapshot as the first answer to its Hello', async () => {
    const { port, stream } = await controller()
    session(port, { initial: three })
    const agent = await stream(0)
    agent.sendSnapshot(three, two)
    const again = await stream(1)
    expect(again.hello).toMatchObject({ version: wireVersion(3), snapshotHash: '' })
    again.sendSnapshot(null, one)
    expect(await again.next('ack')).toEqual({ version: wireVersion(1), hash: one.hash })
    expect(events).toEqual(['apply 1', 'persist 1'])
  })

  it('does not take an older full snapshot later in a stream', async () => {
    const { port, stream } = await controller()
    session(port)
    const agent = await stream(0)
    agent.sendSnapshot(null, two)
    await agent.next('ack')
    agent.sendSnapshot(null, one)
    expect((await stream(1)).hello).toMatchObject({ version: wireVersion(2), snapshotHash: '' })
    expect(events).toEqual(['apply 2', 'persist 2'])
  })

  it('lists its parts when the controller does not know its hash', async () => {
    const { port, stream } = await controller()
    session(port, { initial: two })
    const agent = await stream(0)
    agent.send({ $case: 'inventoryRequest', value: {} })
    const expected = [...two.parts.values()].map(({ key, hash }) => ({ key, hash }))
    expect(await agent.next('inventory')).toEqual({ parts: expected })
  })

  it('serves and acknowledges what it cannot keep on disk, and says so', async () => {
    let isFull = true
    const { port, stream } = await controller()
    const running = session(port, {
      persist: async () => {
        if (isFull) throw new Error('ENOSPC: no space left on device')
      },
    })
    const agent = await stream(0)
    agent.sendSnapshot(null, one)
    await agent.next('ack')
    expect(running.status.persistError).toBe('ENOSPC: no space left on device')
    expect(logged).toContainEqual(expect.objectContaining({ msg: 'config runs, but cannot be kept on disk' }))
    isFull = false
    agent.sendSnapshot(one, two)
    await agent.next('ack')
    expect(running.status.persistError).toBeNull()
  })

  it('comes back to a controller that was away, with what it runs', async () => {
    const first = await controller()
    const running = session(first.port)
    const agent = await first.stream(0)
    agent.sendSnapshot(null, one)
    await agent.next('ack')
    first.close()
    await waitFor('the session to notice', () => !running.status.connected && running.status.lastError !== null)
    const second = await controller({ port: first.port })
    expect((await second.stream(0)).hello).toMatchObject({ version: wireVersion(1), snapshotHash: one.hash })
    await waitFor('connected', () => running.status.connected)
    expect(running.status).toMatchObject({ connects: 2, lastError: null })
    expect(events).toEqual(['apply 1', 'persist 1'])
  })

  it('comes back when the controller ends the stream', async () => {
    const { port, stream } = await controller()
    session(port)
    ;(await stream(0)).end()
    await stream(1)
    expect(logged).toContainEqual(
      expect.objectContaining({ msg: 'not connected to the controller', reason: 'the controller ended the stream' }),
    )
  })

  it('tries a refused token again only slowly, reads the file anew, and names it', async () => {
    const details = 'unknown join token'
    const { port, stream } = await controller({
      refuse: (authorization) => (authorization === 'Bearer good' ? null : { code: status.UNAUTHENTICATED, details }),
    })
    const running = session(port)
    const reason = `the controller refused the join token of ${join(folder.path, 'token')}: unknown join token`
    await waitFor('three refusals', () => waits.length >= 3)
    expect(running.status).toMatchObject({ connected: false, connects: 0, lastError: reason })
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(2_500)
    expect(logged.filter((line) => line.reason === reason)).toHaveLength(1)
    await writeFile(join(folder.path, 'token'), 'good')
    await stream(0)
  })

  it('verifies the controller against its CA file, read anew at each try', async () => {
    const [key, cert] = [testdata('controller-key.pem'), testdata('controller-cert.pem')].map((path) =>
      readFileSync(path),
    )
    const credentials = ServerCredentials.createSsl(null, [{ private_key: key!, cert_chain: cert! }])
    const { port, stream } = await controller({ credentials })
    const caFile = join(folder.path, 'ca.pem')
    await copyFile(testdata('other-cert.pem'), caFile)
    const tokenFile = join(folder.path, 'token')
    const running = session(port, { controller: { host: '127.0.0.1', port, tokenFile, caFile } })
    await waitFor('the refusal', () => running.status.lastError?.includes('self-signed certificate'))
    await copyFile(testdata('controller-cert.pem'), caFile)
    const agent = await stream(0)
    agent.sendSnapshot(null, one)
    await agent.next('ack')
  })

  it('counts as connected to a controller that has nothing to say', async () => {
    const { port, stream } = await controller({ isSilent: true })
    const running = session(port)
    await stream(0)
    await waitFor('connected', () => running.status.connected)
  })

  it('waits for a token file that is not there, or holds no token', async () => {
    const { port } = await controller()
    const tokenFile = join(folder.path, 'none')
    const missing = session(port, { controller: { host: '127.0.0.1', port, tokenFile, caFile: null } })
    await waitFor('the reason', () => missing.status.lastError?.includes('cannot read the join token: ENOENT'))
    await writeFile(tokenFile, 'two words\n')
    const malformed = session(port, { controller: { host: '127.0.0.1', port, tokenFile, caFile: null } })
    await waitFor('the reason', () => malformed.status.lastError?.includes('holds no token'))
  })

  it('goes on while nobody listens at the address', async () => {
    const gone = await startScriptedController()
    gone.close()
    const running = session(gone.port, { initial: one })
    const reason = `127.0.0.1:${gone.port} is away: connect ECONNREFUSED 127.0.0.1:${gone.port}`
    await waitFor('the reason', () => running.status.lastError === reason)
    await waitFor('a few tries', () => waits.length >= 5)
    expect(running.status.connected).toBe(false)
    expect(waits.slice(0, 5).every((ms, attempt) => ms >= 50 * 2 ** attempt && ms <= 100 * 2 ** attempt)).toBe(true)
  })

  it('withdraws the endpoint before it reports a local drain, and hears an undrain of the controller', async () => {
    const { port, stream } = await controller()
    const running = session(port)
    const agent = await stream(0)
    const drained = running.drain(true)
    expect(await agent.next('workload')).toEqual({ draining: true })
    expect(events).toEqual([])
    agent.send({ $case: 'drain', value: { draining: true } })
    await drained
    expect(events).toEqual(['draining true'])
    agent.send({ $case: 'drain', value: { draining: false } })
    await waitFor('the undrain', () => !running.status.draining)
    expect(events).toEqual(['draining true', 'draining false'])
  })

  it('drains without a controller, and tells the next one', async () => {
    const { port, stream } = await controller()
    const running = session(port)
    ;(await stream(0)).end()
    await waitFor('the end', () => !running.status.connected)
    await running.drain(true)
    expect(events).toEqual(['draining true'])
    const agent = await stream(1)
    expect(await agent.next('workload')).toEqual({ draining: true })
  })

  it('says Goodbye before it stops', async () => {
    const { port, stream } = await controller()
    const running = session(port)
    const agent = await stream(0)
    await running.stop()
    expect(await agent.next('goodbye')).toEqual({})
    await waitFor('the end of the stream', () => agent.isEnded)
  })

  it('stops while the controller does not answer', async () => {
    const gone = await startScriptedController()
    gone.close()
    const running = session(gone.port)
    await running.stop()
    expect(running.status.connected).toBe(false)
  })
})
