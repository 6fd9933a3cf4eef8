import { readFile } from 'node:fs/promises'
import { tempFolder } from '@fairlead/testkit'
import type { Database } from '../../database/database.js'
import { openMemoryDatabase } from '../../database/testdata/memory-database.js'
import { createLogger, NestLogger } from '../../logger.js'
import { loadSettings } from '../../settings/load-settings.js'
import { startController } from '../../start-controller.js'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

export interface CallOptions {
  readonly body?: string | object
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Null: none. */
  readonly token?: string | null
}

/** A whole controller over real HTTP, on an embedded database in memory. */
export interface RestFixture {
  readonly url: string
  readonly token: string
  readonly database: Database
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  stop(): Promise<void>
}

export async function startRest(): Promise<RestFixture> {
  const folder = await tempFolder('rest')
  const flags = { listen: '127.0.0.1:0', grpcListen: '127.0.0.1:0', stateDir: folder.path }
  const settings = loadSettings({ flags, env: {}, file: null })
  const database = await openMemoryDatabase()
  const controller = await startController(settings, database, new NestLogger(createLogger('error')))
  const token = (await readFile(controller.tokenFile!, 'utf8')).trim()

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, contentType, headers = {}, token: own = token } = options
    const response = await fetch(controller.rest + path, {
      method,
      headers: {
        ...(own === null ? {} : { authorization: `Bearer ${own}` }),
        ...(body === undefined ? {} : { 'content-type': contentType ?? (typeof body === 'string' ? 'application/yaml' : 'application/json') }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: asObject(text) }
  }

  return {
    url: controller.rest,
    token,
    database,
    call,
    stop: async () => {
      await controller.stop()
      await folder.remove()
    },
  }
}

function asObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
