import 'reflect-metadata'
import { Command, Option } from 'commander'
import { migrations } from '@fairlead/migrations'
import { collectDefaultMetrics } from 'prom-client'
import { entities } from './data-source.js'
import { FolderInUse } from './database/folder-lock.js'
import { openDatabase } from './database/open-database.js'
import { announce } from './discovery-file.js'
import { createLogger, NestLogger } from './logger.js'
import { loadSettings, printSettings, readSettingsFile, SettingsError } from './settings/load-settings.js'
import { options } from './settings/options.js'
import { controllerFolder, type Settings } from './settings/settings.js'
import { defaultStateFolder } from './settings/state-folder.js'
import { AddressUnavailable, startController } from './start-controller.js'
import { serverVersion } from './version.js'

/** From the first signal to the end of the process, whatever hangs. */
const stopMaxMs = 4_500

const program = new Command('fairlead-controller')
  .description("Keeps the mesh's resources as revisions and brings them to the agents.")
  .version(serverVersion.version)

withSettings(program.command('start').description('run the controller'))
  .option('--print-config', 'show the settings as they hold, secrets masked, and exit')
  .option('--check-config', 'check the settings and exit')
  .action((flags: StartFlags) => start(flags))

withSettings(program.command('migrate').description('bring the schema of the database up to date and exit')).action(
  async (flags: Flags) => {
    const settings = settingsOf(flags)
    await (await open(settings)).close()
    process.stdout.write('the schema is up to date\n')
  },
)

type Flags = Readonly<Record<string, string | boolean>>
type StartFlags = Flags & { readonly printConfig?: true; readonly checkConfig?: true }

await program.parseAsync().catch((error: unknown) => {
  // What an operator can mend is one line; anything else is a fault of ours and shows where.
  const plain = error instanceof SettingsError || error instanceof FolderInUse || error instanceof AddressUnavailable
  const text = plain ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`fairlead-controller: ${text}\n`)
  process.exit(1)
})

async function start({ printConfig, checkConfig, ...flags }: StartFlags): Promise<void> {
  const settings = settingsOf(flags)
  if (printConfig) return void process.stdout.write(`${printSettings(settings)}\n`)
  if (checkConfig) return void process.stdout.write('the settings are good\n')
  const log = createLogger(settings.logLevel)
  collectDefaultMetrics()
  const controller = await startController(settings, await open(settings), new NestLogger(log))
  const { rest, grpc, tokenFile, joinTokenFile } = controller
  const withdraw = await announce(defaultStateFolder(process.env), {
    server: rest,
    tokenFile,
    ...(settings.tls === null ? {} : { caFile: settings.tls.certFile }),
    pid: process.pid,
  }).catch((error: unknown) => {
    log.warn({ err: error }, "this host's CLI will not find the controller by itself")
    return () => Promise.resolve()
  })
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'controller stopping')
    setTimeout(() => {
      log.error('the controller did not stop in time')
      process.exit(1)
    }, stopMaxMs).unref()
    Promise.all([withdraw(), controller.stop()]).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the controller did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
  log.info({ rest, grpc, tokenFile, joinTokenFile }, 'controller ready')
}

function settingsOf(flags: Flags): Settings {
  return loadSettings({ flags, env: process.env, file: readSettingsFile() })
}

function open(settings: Settings) {
  return openDatabase({ url: settings.databaseUrl, folder: controllerFolder(settings), entities, migrations })
}

function withSettings(command: Command): Command {
  for (const { flag, description, env } of Object.values(options)) {
    if (flag !== '') command.addOption(new Option(flag, `${description} [${env}]`))
  }
  return command
}
