import { get } from 'node:http'
import { join } from 'node:path'
import { startProbed } from '@fairlead/testkit'

const script = join(import.meta.dirname, '../../apps/agent/bin/fairlead-agent.js')

/** A standalone agent that can be asked for its memory, with its admin server. */
export async function startProbedAgent(meshPath) {
  const listeners = ['--outbound', '127.0.0.1:0', '--admin', '127.0.0.1:0']
  const child = startProbed(script, ['--mesh', meshPath, ...listeners, '--log-level', 'info'])
  const ready = await child.line('agent ready', ({ msg }) => msg === 'agent ready')
  return { child, port: Number(ready.outbound.split(':')[1]), admin: ready.admin }
}

/** The sum of a stat over all its blocks: `downstream_cx_tx_bytes_buffered`. */
export async function sumOfStat(admin, stat) {
  const text = await read(`http://${admin}/stats`)
  return [...text.matchAll(new RegExp(`\\.${stat}: (\\d+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0)
}

/** The body of a GET. */
export function read(url) {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(text)).on('error', reject)
    }).on('error', reject)
  })
}
