import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from '@jest/globals'
import { tempFolder, waitFor } from '@fairlead/testkit'
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { ConfigServer } from './config-server.js'
import { TestAgent } from './testdata/agent.js'
import { startController } from './testdata/controller.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describe('ConfigServer', () => {
  it('serves TLS with the certificate of the settings, and no plain text then', async () => {
    const folder = await tempFolder('tls')
    cleanups.push(() => folder.remove())
    const [keyFile, certFile] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    await promisify(execFile)('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', keyFile, '-out', certFile])

    const controller = await startController({ tls: { keyFile, certFile } })
    cleanups.push(() => controller.close())
    const trusting = new TestAgent(controller.port, { ca: await readFile(certFile) })
    const plain = new TestAgent(controller.port, { name: 'b' })
    cleanups.push(
      () => trusting.kill(),
      () => plain.kill(),
    )
    await waitFor('an update over TLS', () => trusting.updates.length > 0)
    expect((await waitFor('the plain one to fail', () => plain.status)).code).not.toBe(0)
    expect(plain.updates).toEqual([])
  })

  it('rejects with the reason when its port is taken', async () => {
    // It says the same on the console.
    setLogVerbosity(logVerbosity.NONE)
    cleanups.push(() => setLogVerbosity(logVerbosity.ERROR))
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    cleanups.push(() => holder.close())
    const { port } = holder.address() as { port: number }
    const server = new ConfigServer({ grpcListen: { host: '127.0.0.1', port }, tls: null })
    await expect(server.createClient()).rejects.toThrow(/EADDRINUSE/)
  })
})
