import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { LoadGenerator, type LoadMessage } from './load-generator.js'

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function drive(handler: http.RequestListener): Promise<LoadMessage[]> {
  const server = http.createServer(handler)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const plan = {
    proxyHost: '127.0.0.1',
    proxyPort: (server.address() as AddressInfo).port,
    url: 'http://reviews/',
    requestsPerSecond: 100,
    seconds: 1,
  }
  const messages: LoadMessage[] = []
  return new Promise((resolve) => {
    new LoadGenerator(plan, (message) => {
      messages.push(message)
      if (message.type === 'done') resolve(messages)
    }).start()
  })
}

describe('LoadGenerator', () => {
  it('asks the proxy in absolute form, at its pace, and counts versions and failures', async () => {
    const urls = new Set<string>()
    let count = 0
    const messages = await drive((request, response) => {
      urls.add(`${request.url} ${request.headers.host}`)
      count++
      if (count % 10 === 0) response.writeHead(503).end()
      else if (count % 10 === 1) request.socket.destroy()
      else response.writeHead(200, { 'x-version': count % 2 === 0 ? 'v1' : 'v2' }).end('{}')
    })
    expect([...urls]).toEqual(['http://reviews/ reviews'])
    const last = messages.at(-1)
    const [second] = last?.type === 'done' ? last.report.seconds : []
    expect(second?.v1).toBeGreaterThan(0)
    expect(second?.v2).toBeGreaterThan(0)
    expect(second?.failed).toBeGreaterThan(0)
    const total = (second?.v1 ?? 0) + (second?.v2 ?? 0) + (second?.failed ?? 0)
    // Never above its pace; a closed kept connection costs a second try, not a second request.
    expect(total).toBeLessThanOrEqual(100)
    expect(total).toBeLessThanOrEqual(count)
  })
})
