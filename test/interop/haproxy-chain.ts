import { tempFolder } from '@fairlead/testkit'
import { startInboundAgent } from '../chain/agent-chain.js'
import { type RecordingServer, startRecordingServer } from '../chain/recording-server.js'
import { type findProxyPrograms, type Nginx, startHaproxy, startNginx } from './proxy-programs.js'
import { startWireTap, type WireTap } from './wire-tap.js'

/** Client -> HAProxy -> agent -> nginx, or a recording server in nginx's place. */
export interface HaproxyChain {
  /** Where clients come in: by what stands last, and for the recording server by how strict HAProxy is. */
  readonly ports: { readonly nginx: number; readonly recorder: number; readonly lenient: number }
  readonly recorder: RecordingServer
  readonly nginx: Nginx
  /** Between HAProxy and the agents. */
  readonly taps: readonly WireTap[]
  stop(): Promise<void>
}

export async function startHaproxyChain(
  programs: NonNullable<ReturnType<typeof findProxyPrograms>>,
): Promise<HaproxyChain> {
  const folder = await tempFolder('interop')
  const nginx = await startNginx(programs.nginx, folder.path)
  const recorder = await startRecordingServer()
  const agents = [await startInboundAgent(folder.path, nginx.port), await startInboundAgent(folder.path, recorder.port)]
  const taps = await Promise.all(agents.map(({ port }) => startWireTap(port)))
  const [toNginx, toRecorder] = taps
  const haproxy = await startHaproxy(programs.haproxy, folder.path, [
    { serverPort: toNginx!.port, isLenient: true },
    { serverPort: toRecorder!.port, isLenient: false },
    { serverPort: toRecorder!.port, isLenient: true },
  ])
  return {
    ports: { nginx: haproxy.ports[0]!, recorder: haproxy.ports[1]!, lenient: haproxy.ports[2]! },
    recorder,
    nginx,
    taps,
    stop: async () => {
      haproxy.child.kill()
      agents.forEach((agent) => agent.kill())
      nginx.child.kill()
      await Promise.all([haproxy.child.exited, nginx.child.exited])
      await Promise.all([...taps, recorder].map((server) => server.close()))
      await folder.remove()
    },
  }
}
