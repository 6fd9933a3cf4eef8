import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { FlowServer, type Child, RawClient, serviceAt, tempFolder, type TempFolder, waitFor } from '@fairlead/testkit'
import { admin, killAgents, ready, startAgentProcess } from '../agent/agent-process.js'

const MIB = 1024 * 1024
/** High-water mark of a connection, one read beyond it, and the framing of both. */
const CONNECTION_BYTES_MAX = (64 + 64 + 1) * 1024
const CLIENTS = 200

describe('an agent between a fast side and a slow one', () => {
  let folder: TempFolder
  let server: FlowServer
  let agent: Child
  let at: { readonly outbound: string; readonly admin: string }

  beforeAll(async () => {
    folder = await tempFolder('backpressure')
    server = await FlowServer.start()
    writeFileSync(join(folder.path, 'mesh.yaml'), serviceAt([server.port]))
    agent = startAgentProcess('--mesh', folder.path, '--outbound', '127.0.0.1:0', '--admin', '127.0.0.1:0')
    at = await ready(agent)
  }, 30_000)
  afterAll(async () => {
    await killAgents()
    server.close()
    await folder.remove()
  })

  const port = () => Number(at.outbound.split(':')[1])

  async function buffered(side: 'downstream' | 'upstream'): Promise<number> {
    const { body } = await admin(at.admin, '/stats')
    const values = [...body.matchAll(new RegExp(`${side}_cx_tx_bytes_buffered: (\\d+)`, 'g'))]
    return values.reduce((sum, [, value]) => sum + Number(value), 0)
  }

  it.each([
    ['download', 'content-length', 'downstream'],
    ['download', 'chunked', 'downstream'],
    ['upload', 'content-length', 'upstream'],
    ['upload', 'chunked', 'upstream'],
  ] as const)(
    'holds back the fast side of a %s (%s) and buffers no more than the bound',
    async (direction, framing, side) => {
      let most = 0
      const onPause = async (readBytes: number) => {
        // Early on the reader waits until the agent has had to buffer; then it is only as slow as the look.
        if (readBytes < 8 * MIB) await waitFor('the agent to buffer', async () => (await buffered(side)) > 0)
        most = Math.max(most, await buffered(side))
      }
      const arrived = await server.run(port(), 'svc', { direction, framing, bytes: 64 * MIB, onPause })
      expect(arrived).toBe(64 * MIB)
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(CONNECTION_BYTES_MAX)
      await waitFor('nothing to be buffered', async () => (await buffered(side)) === 0)
    },
    60_000,
  )

  it('holds no more than the bound for each of many clients that do not read, and nothing when they left', async () => {
    server.serve(8 * MIB)
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const client = await RawClient.connect(port())
        client.pause()
        await client.send('GET / HTTP/1.1\r\nhost: svc\r\n\r\n')
        return client
      }),
    )
    // One range at least for each, and all of them stand still.
    let last = -1
    const total = await waitFor(
      'all to be stuck',
      async () => {
        const now = await buffered('downstream')
        const isStill = now === last && now >= CLIENTS * 1024
        last = now
        return isStill && now
      },
      30_000,
    )
    expect(total).toBeLessThanOrEqual(CLIENTS * CONNECTION_BYTES_MAX)
    clients.forEach((client) => client.reset())
    await waitFor('nothing to be buffered', async () => (await buffered('downstream')) === 0)
    const { body } = await admin(at.admin, '/stats')
    expect(body).toMatch(/listener\.outbound\.downstream_cx_active: 0$/m)
  }, 60_000)
})
