import { mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient, type Client } from '@fairlead/api-client'
import type { DemoOptions } from './demo-options.js'
import { summarize, type DemoResult, type FleetState } from './demo-result.js'
import {
  AGENT_NAMES,
  REVIEWS_PORT,
  startAgents,
  startController,
  startServices,
  type ClientAgent,
  type RunningController,
} from './fleet.js'
import { LiveDisplay } from './live-display.js'
import type { LoadMessage, LoadPlan } from './load-generator.js'
import type { LoadReport } from './load-record.js'
import { ProcessTree } from './process-tree.js'
import { RevisionTrack } from './revision-track.js'

const EXAMPLES = fileURLToPath(new URL('../../../examples/canary/', import.meta.url))
const SERVICE_URL = 'http://reviews.default.svc.cluster.local/'
const REQUESTS_PER_SECOND = 1_000
const SYNC_MS = 30_000
const SETTLE_MS = 5_000

/** Rejects when it is over before its time: a signal, or a process of ours that ended. */
export interface Interruption {
  readonly signal: AbortSignal
  abort(reason: Error): void
}

/**
 * The whole demo: controller, services, agents, the canary's YAML, traffic. Everything that it started has ended when
 * it returns or rejects; without `seconds` only an interruption ends it.
 */
export async function runDemo(options: DemoOptions, interruption: Interruption): Promise<DemoResult> {
  const temporary = options.stateDir === null ? mkdtempSync(path.join(tmpdir(), 'fairlead-demo-')) : null
  const stateDir = temporary ?? path.resolve(options.stateDir ?? '')
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const tree = new ProcessTree(temporary, (error) => interruption.abort(error))
  const interrupted = new Promise<never>((_, reject) => {
    const fail = () => reject(interruption.signal.reason as Error)
    if (interruption.signal.aborted) fail()
    else interruption.signal.addEventListener('abort', fail)
  })
  interrupted.catch(() => undefined)
  try {
    return await Promise.race([story(options, tree, stateDir), interrupted])
  } finally {
    await tree.stop()
  }
}

async function story(options: DemoOptions, tree: ProcessTree, stateDir: string): Promise<DemoResult> {
  say('starting the controller (embedded Postgres) ...')
  const controller = await startController(tree, stateDir, say)
  say(`controller ready: REST ${controller.server}, gRPC ${controller.grpc}`)
  if (options.controllerOnly) {
    say(`API token: ${controller.tokenFile}\njoin token: ${controller.joinTokenFile}`)
    say(`try: ${command(controller, 'apply -f examples/canary')}\nCtrl-C ends it`)
    return new Promise<never>(() => undefined)
  }
  say('starting reviews (v1 on two hosts, v2 on one), their agents, and a client with its agent ...')
  const servicePort = await startServices(tree, say)
  const track = new RevisionTrack()
  const client = await startAgents(tree, controller, stateDir, servicePort, say)
  client.child.onLine((line) => {
    if (line.msg === 'config applied') track.add(performance.now(), String(line['version']))
  })

  const api = createClient({ server: controller.server, token: controller.token })
  say('applying examples/canary ...')
  const { revision } = await api.apply(readExamples(servicePort), { message: 'npm start: the canary' })
  const fleet = await untilConverged(api, revision)
  track.add(0, String(fleet.revision))
  say(`revision ${fleet.revision} runs on ${fleet.converged} of ${fleet.agents} agents; traffic starts`)

  const { report, startMs } = await drive(options, tree, client, { api, controller, track })
  return summarize(report, await settled(api), (second) => track.at(startMs + (second + 1) * 1000))
}

interface Watched {
  readonly api: Client
  readonly controller: RunningController
  readonly track: RevisionTrack
}

/** Traffic until its time is over, with a picture of each second. */
function drive(
  options: DemoOptions,
  tree: ProcessTree,
  client: ClientAgent,
  watched: Watched,
): Promise<{ readonly report: LoadReport; readonly startMs: number }> {
  const plan: LoadPlan = {
    proxyHost: '127.0.0.1',
    proxyPort: client.outboundPort,
    url: SERVICE_URL,
    requestsPerSecond: REQUESTS_PER_SECOND,
    seconds: options.seconds,
  }
  const display = new LiveDisplay(process.stderr, [
    'try in another terminal:',
    `  ${command(watched.controller, "apply -f examples/canary/next/50-50.yaml -m 'half to v2'")}`,
    `  ${command(watched.controller, 'get all')}   ${command(watched.controller, 'agents')}`,
    `  ${command(watched.controller, 'rollback --to 1')}`,
  ])
  const script = fileURLToPath(new URL('../bin/fairlead-demo.js', import.meta.url))
  const load = tree.start('load', script, ['load', JSON.stringify(plan)], { ipc: true })
  return new Promise((resolve) => {
    let startMs = 0
    load.process.on('message', (message: LoadMessage | { type: 'started' }) => {
      if (message.type === 'started') startMs = performance.now()
      else if (message.type === 'done') resolve({ report: message.report, startMs })
      else
        void fleetState(watched.api).then((fleet) => display.show(message, { ...fleet, revision: watched.track.now }))
    })
  })
}

/** All four connected, and each runs what it is meant to run. */
async function untilConverged(api: Client, revision: number): Promise<FleetState> {
  const deadline = performance.now() + SYNC_MS
  for (;;) {
    const fleet = await fleetState(api)
    if (fleet.converged === AGENT_NAMES.length && fleet.revision >= revision) return fleet
    if (performance.now() > deadline) {
      throw new Error(
        `after ${SYNC_MS / 1000} s only ${fleet.converged} of ${AGENT_NAMES.length} agents run revision ${revision}`,
      )
    }
    await delay(50)
  }
}

/** A change may have come with the last request: its agents get a moment to follow. */
async function settled(api: Client): Promise<FleetState> {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const fleet = await fleetState(api)
    if (fleet.converged === fleet.agents || performance.now() > deadline) return fleet
    await delay(50)
  }
}

async function fleetState(api: Client): Promise<FleetState> {
  const [head, agents] = await Promise.all([api.revision('head'), api.agents('default')])
  const ours = agents.filter(({ metadata }) => AGENT_NAMES.includes(metadata.name))
  const converged = ours.filter(
    ({ status }) => status.connected && status.sync === 'SYNCED' && status.version?.revision === head.revision,
  )
  return { revision: head.revision, agents: ours.length, converged: converged.length }
}

function readExamples(servicePort: number): string {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'))
  const text = files.map((name) => readFileSync(path.join(EXAMPLES, name), 'utf8')).join('\n---\n')
  return text.replace(`targetPort: ${REVIEWS_PORT}`, `targetPort: ${servicePort}`)
}

/** As a user types it; the CLI finds the controller by itself unless it had to move. */
function command(controller: RunningController, words: string): string {
  const where = controller.isOnDefaultPort ? '' : `--server ${controller.server} --token-file ${controller.tokenFile} `
  return `npx fairlead ${where}${words}`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
