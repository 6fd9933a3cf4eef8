import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { LoggerService } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { SwaggerModule } from '@nestjs/swagger'
import helmet from 'helmet'
import { FirstTokens } from './access/first-tokens.js'
import { allowedMethods } from './allowed-methods.js'
import { AppModule } from './app.module.js'
import type { Database } from './database/database.js'
import { grpcOptions } from './distribution/config-server.js'
import { drain } from './drain.js'
import { openApi } from './openapi.js'
import { ProblemFilter } from './problem/problem.filter.js'
import { requestId } from './problem/request-id.js'
import { Watches } from './resources/watches.js'
import { formatHostPort, type HostPort } from './settings/host-port.js'
import type { Settings } from './settings/settings.js'

/** Requests get so long to finish when the controller stops. */
const drainMs = 2_500

export interface RunningController {
  /** `http://127.0.0.1:8080`, with the port that was bound. */
  readonly rest: string
  /** `127.0.0.1:15012` */
  readonly grpc: string
  /** Null: the token came by environment. */
  readonly tokenFile: string | null
  readonly joinTokenFile: string | null
  /** Finishes requests, ends watches and streams, closes the store. */
  stop(): Promise<void>
}

/** A listener cannot have its address; the message says which one and what to do. */
export class AddressUnavailable extends Error {}

/** Loads the head from the open database, which is closed with the controller, and only then listens. */
export async function startController(
  settings: Settings,
  database: Database,
  logger: LoggerService,
): Promise<RunningController> {
  try {
    return await serve(settings, database, logger)
  } catch (error) {
    await database.close()
    throw error
  }
}

async function serve(settings: Settings, database: Database, logger: LoggerService): Promise<RunningController> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(settings, database), {
    logger,
    abortOnError: false,
    bodyParser: false,
    ...httpsOptions(settings),
  })
  configure(app, settings)
  const grpc = grpcOptions(settings)
  app.connectMicroservice(grpc)
  try {
    await listening('gRPC', settings.grpcListen, '--grpc-listen', () => app.startAllMicroservices())
    await listening('REST', settings.listen, '--listen', () => app.listen(settings.listen.port, settings.listen.host))
  } catch (error) {
    await app.close()
    throw error
  }
  const server = app.getHttpServer() as Server
  const bound = (listen: HostPort, port: number) => formatHostPort({ host: listen.host, port })
  const tokens = app.get(FirstTokens)
  return {
    rest: `${settings.tls === null ? 'http' : 'https'}://${bound(settings.listen, (server.address() as AddressInfo).port)}`,
    grpc: bound(settings.grpcListen, grpc.strategy.port),
    tokenFile: tokens.fileOf('api'),
    joinTokenFile: tokens.fileOf('join'),
    stop: async () => {
      app.get(Watches).endAll()
      await drain(server, drainMs)
      await app.close()
      await database.close()
    },
  }
}

function configure(app: NestExpressApplication, settings: Settings): void {
  app.disable('x-powered-by')
  // ETags here are resource versions, given by hand.
  app.set('etag', false)
  app.use(requestId)
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
      strictTransportSecurity: settings.tls !== null,
    }),
  )
  app.useGlobalFilters(new ProblemFilter(allowedMethods))
  // The page and its scripts come from this process: no network, no telemetry.
  SwaggerModule.setup('docs', app, openApi, { jsonDocumentUrl: 'openapi.json', raw: ['json'] })
}

function httpsOptions({ tls }: Settings) {
  if (tls === null) return {}
  return { httpsOptions: { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) } }
}

async function listening(what: string, address: HostPort, flag: string, listen: () => Promise<unknown>): Promise<void> {
  try {
    await listen()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const busy = code === 'EADDRINUSE' || message.includes('EADDRINUSE')
    const why = busy ? 'the port is in use' : message
    throw new AddressUnavailable(`cannot listen on ${formatHostPort(address)} for ${what}: ${why}; see ${flag}`)
  }
}
