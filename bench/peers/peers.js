import { execFileSync } from 'node:child_process'
import { provideEnvoy } from '../harness/envoy-program.js'
import { providePrograms } from '../harness/programs.js'
import { startEnvoy } from './envoy.js'
import { startFairlead } from './fairlead.js'
import { startHaproxy } from './haproxy.js'
import { startNginx } from './nginx.js'
import { startNodeHttp } from './node-http.js'

/** By the name that `--peers` takes, in the order of the reports. */
const starters = {
  fairlead: startFairlead,
  nginx: startNginx,
  haproxy: startHaproxy,
  envoy: startEnvoy,
  node: startNodeHttp,
}
export const peerNames = Object.keys(starters)

/** What a bench with these peers needs installed; a machine without Envoy goes on without that peer. */
export async function providePeers(text) {
  const names = text.split(',')
  const unknown = names.find((name) => !peerNames.includes(name))
  if (unknown !== undefined) throw new Error(`--peers: ${unknown} is none of ${peerNames.join(', ')}`)
  const debian = ['nginx', ...(names.includes('haproxy') ? ['haproxy'] : []), 'wrk']
  const programs = { ...(await providePrograms(debian)), envoy: names.includes('envoy') ? await provideEnvoy() : null }
  const available = names.filter((name) => name !== 'envoy' || programs.envoy !== null)
  return { names: available, programs }
}

/** Each of `names` as a process before the same upstream. */
export async function startPeers({ names, programs }, { folder, upstreamPort }) {
  const peers = []
  for (const name of names) peers.push(await starters[name]({ ...programs, folder, upstreamPort }))
  return peers
}

/** What was measured: `name version` of each. */
export function peerVersions({ names, programs }) {
  const versionOf = {
    fairlead: () => 'fairlead (this tree)',
    node: () => `node ${process.versions.node}`,
    nginx: () => `nginx ${find(programs.nginx, ['-v'], /nginx\/(\S+)/)}`,
    haproxy: () => `haproxy ${find(programs.haproxy, ['-v'], /version (\S+)/)}`,
    envoy: () => `envoy ${find(programs.envoy, ['--version'], /\/(\d[^/]*)\//)}`,
  }
  return names.map((name) => versionOf[name]())
}

function find(command, args, pattern) {
  // nginx prints its version to stderr.
  const output = execFileSync('/bin/sh', ['-c', '"$0" "$@" 2>&1', command, ...args], { encoding: 'utf8' })
  return pattern.exec(output)?.[1] ?? 'of unknown version'
}
