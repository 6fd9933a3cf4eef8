import { duration } from '../common/duration.js'
import { enforced, message, pending, required } from '../common/field.js'
import { choice, flag, int32, uint32 } from '../common/scalar.js'

const tcpKeepalive = message('TCPSettings.TcpKeepalive', {
  probes: pending(uint32(), 'Probes without an answer before the connection is dead; absent: as the system.'),
  time: pending(duration(), 'Idle time before the first probe; absent: as the system.'),
  interval: pending(duration(), 'Time between probes; absent: as the system.'),
})

const tcpSettings = message('ConnectionPoolSettings.TCPSettings', {
  maxConnections: pending(int32(), 'Most connections to the destination; absent or 0: no limit.', { default: 0 }),
  connectTimeout: enforced(duration(), 'Time to connect, at least 1ms.', { default: '10s' }),
  tcpKeepalive: pending(tcpKeepalive, 'Keep-alive probes on the socket.'),
  maxConnectionDuration: pending(duration(), 'Longest life of a connection; absent: no limit.'),
  idleTimeout: pending(duration(0), 'Idle time after which a connection is closed; 0s: never.', { default: '3600s' }),
})

const httpSettings = message('ConnectionPoolSettings.HTTPSettings', {
  http1MaxPendingRequests: pending(int32(), 'Most requests that wait for a connection; absent or 0: no limit.'),
  http2MaxRequests: pending(int32(), 'Most requests in flight; absent or 0: no limit.'),
  maxRequestsPerConnection: pending(int32(), 'Requests on one connection; absent or 0: no limit.'),
  maxRetries: pending(int32(), 'Most retries in flight; absent or 0: no limit.'),
  idleTimeout: pending(duration(0), 'Idle time after which a connection is closed.'),
  h2UpgradePolicy: pending(choice(['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE']), 'Whether HTTP/1.1 is sent on as HTTP/2.'),
  useClientProtocol: pending(flag(), "Whether the client's protocol is kept. Not with UPGRADE."),
  maxConcurrentStreams: pending(int32(), 'Streams on one HTTP/2 connection.'),
  http2KeepAlive: pending(
    message('HTTPSettings.ConnectionKeepalive', {
      interval: required(pending(duration(), 'Time between pings.')),
      timeout: required(pending(duration(), 'Time to wait for the answer.')),
    }),
    'HTTP/2 pings.',
  ),
})

const http = pending(httpSettings, 'Limits of HTTP requests.')

export const connectionPoolSettings = message('ConnectionPoolSettings', {
  tcp: enforced(tcpSettings, 'Limits of connections.'),
  http,
})
