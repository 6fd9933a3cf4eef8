import { Controller, Get, Header, Query, Res } from '@nestjs/common'
import type { Response } from 'express'
import { register } from 'prom-client'
import { Open } from './access/caller.js'
import { Database } from './database/database.js'
import { serverVersion } from './version.js'

/** What load balancers, Prometheus and people ask without a token. Nothing here names a resource. */
@Open()
@Controller()
export class ProbesController {
  constructor(private readonly database: Database) {}

  @Get('healthz')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  healthz(): string {
    return 'ok'
  }

  /** Ready to serve: 200, else 503. With `verbose` a line for each check. */
  @Get('readyz')
  async readyz(@Query('verbose') verbose: string | undefined, @Res() response: Response): Promise<void> {
    const checks = await Promise.all([
      check('database', () => this.database.ping()),
      check('migrations', async () => {
        const missing = await this.database.pendingMigrations()
        if (missing.length > 0) throw new Error(`missing ${missing.join(', ')}`)
      }),
    ])
    const ready = checks.every(({ ok }) => ok)
    const lines = checks.map(({ name, ok }) => `[${ok ? '+' : '-'}] ${name} ${ok ? 'ok' : 'failed'}`)
    const text = verbose === undefined ? (ready ? 'ok' : 'not ready') : lines.join('\n')
    response
      .status(ready ? 200 : 503)
      .type('text/plain')
      .send(text)
  }

  @Get('version')
  version(): typeof serverVersion {
    return serverVersion
  }

  @Get('metrics')
  async metrics(@Res() response: Response): Promise<void> {
    response.type(register.contentType).send(await register.metrics())
  }
}

async function check(name: string, passes: () => Promise<void>): Promise<{ name: string; ok: boolean }> {
  try {
    await passes()
    return { name, ok: true }
  } catch {
    return { name, ok: false }
  }
}
