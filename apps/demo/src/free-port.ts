import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/**
 * @returns `preferred` if all the hosts have it free, else another that they have.
 * Another process may still take it before its user binds it; that one then says so.
 */
export async function freePort(preferred: number, hosts: readonly string[] = ['127.0.0.1']): Promise<number> {
  if (await isFree(preferred, hosts)) return preferred
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await anyPort(hosts[0] ?? '127.0.0.1')
    if (await isFree(port, hosts)) return port
  }
  throw new Error(`no port is free on ${hosts.join(', ')}`)
}

async function isFree(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) {
    try {
      await bind(port, host)
    } catch {
      return false
    }
  }
  return true
}

function anyPort(host: string): Promise<number> {
  return bind(0, host)
}

async function bind(port: number, host: string): Promise<number> {
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  const bound = (server.address() as AddressInfo).port
  server.close()
  await once(server, 'close')
  return bound
}
