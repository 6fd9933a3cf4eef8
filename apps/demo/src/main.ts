import { parseDemoOptions, USAGE } from './demo-options.js'
import { whenNpmEnds } from './npm-watch.js'

/** Ctrl-C, a stop, a closed terminal. */
class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('interrupted')
  }
}

const [role, ...rest] = process.argv.slice(2)
if (role === 'service') await beService(rest)
else if (role === 'load') await beLoad(rest)
else if (role === 'reaper') await beReaper(rest)
else await beDemo(process.argv.slice(2))

async function beDemo(args: readonly string[]): Promise<void> {
  let options
  try {
    options = parseDemoOptions(args)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  if (options === 'help') return void process.stdout.write(USAGE)

  const interruption = new AbortController()
  // Without --seconds a Ctrl-C is how it ends well.
  const endsBySignal = options.seconds === null
  const onSignal = (exitCode: number) => () => {
    // A second one does not wait: the reaper ends what is left.
    if (interruption.signal.aborted) process.exit(exitCode)
    process.stderr.write('\nstopping ...\n')
    interruption.abort(new Interrupted(endsBySignal ? 0 : exitCode))
  }
  process.on('SIGINT', onSignal(130))
  process.on('SIGTERM', onSignal(143))
  process.on('SIGHUP', onSignal(129))
  whenNpmEnds(process.env, onSignal(143))
  try {
    const { runDemo } = await import('./run-demo.js')
    const result = await runDemo(options, {
      signal: interruption.signal,
      abort: (reason) => interruption.abort(reason),
    })
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    else process.stderr.write(`${JSON.stringify({ ...result, timeline: undefined }, null, 2)}\n`)
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? error.exitCode : 1
    if (!(error instanceof Interrupted)) process.stderr.write(`\n${(error as Error).message}\n`)
  }
}

async function beService([version = '', host = '', port = '']: readonly string[]): Promise<void> {
  const { serveReviews } = await import('./reviews-service.js')
  serveReviews(version, host, Number(port))
}

async function beLoad([plan = '']: readonly string[]): Promise<void> {
  const { LoadGenerator } = await import('./load-generator.js')
  process.send?.({ type: 'started' })
  new LoadGenerator(JSON.parse(plan), (message) => process.send?.(message)).start()
  process.once('SIGTERM', () => process.exit(0))
  process.once('disconnect', () => process.exit(0))
}

async function beReaper([folder]: readonly string[]): Promise<void> {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined)
  const { reap } = await import('./reaper.js')
  await reap(process.stdin, folder)
}
