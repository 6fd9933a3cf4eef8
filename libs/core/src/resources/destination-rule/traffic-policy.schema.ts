import { duration } from '../common/duration.js'
import { enforced, message, pending, required } from '../common/field.js'
import { portSelector } from '../common/port-selector.js'
import { choice, double, flag, int32, list, port, text, uint32 } from '../common/scalar.js'
import { connectionPoolSettings } from './connection-pool.schema.js'
import { loadBalancerSettings } from './load-balancer.schema.js'

const outlierDetection = message('OutlierDetection', {
  consecutiveErrors: pending(int32(), 'Not applied by Istio.', { deprecated: 'use consecutive5xxErrors' }),
  splitExternalLocalOriginErrors: pending(flag(), 'Counts local failures apart.'),
  consecutiveLocalOriginFailures: pending(uint32(), 'Local failures in a row; needs splitExternalLocalOriginErrors.'),
  consecutiveGatewayErrors: pending(uint32(), '502, 503, 504 in a row; absent: off.'),
  consecutive5xxErrors: pending(uint32(), '5xx in a row; 0: off; absent: 5.'),
  interval: pending(duration(), 'Time between sweeps; absent: 10s.'),
  baseEjectionTime: pending(duration(), 'Ejection lasts this times the number of ejections; absent: 30s.'),
  maxEjectionPercent: pending(int32(), 'Most endpoints ejected; absent or 0: 10.'),
  minHealthPercent: pending(int32(), 'Below this share of healthy endpoints all are used; 0: never.'),
  outlierDetectionHttpErrorCodes: pending(list(uint32()), 'Which codes count as errors; absent: 5xx.'),
})

const clientTLSSettings = message('ClientTLSSettings', {
  mode: enforced(choice(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL']), 'TLS towards the destination.', {
    default: 'DISABLE',
    values: {
      SIMPLE: { state: 'pending', reason: 'TLS towards a destination is not enforced by this version' },
      MUTUAL: { state: 'pending', reason: 'TLS towards a destination is not enforced by this version' },
      ISTIO_MUTUAL: { state: 'pending', reason: 'mutual TLS is not enforced by this version' },
    },
  }),
  clientCertificate: pending(text(), 'Path of the certificate chain.'),
  privateKey: pending(text(), 'Path of the private key.'),
  caCertificates: pending(text(), 'Path of the CA certificates; absent: those of the system.'),
  credentialName: pending(text(), 'Name of the secret with certificate and key.'),
  subjectAltNames: pending(list(text()), "Names that the server's certificate must carry."),
  sni: pending(text(), 'Server name; absent: the Host.'),
  insecureSkipVerify: pending(flag(), "Whether the server's certificate goes unverified.", { default: false }),
  caCrl: pending(text(), 'Path of the revocation list.'),
})

const tls = enforced(clientTLSSettings, 'TLS towards the destination. A block without a mode means DISABLE.')
const outlier = pending(outlierDetection, 'Ejects endpoints that fail.')
const balancing = enforced(loadBalancerSettings, 'How an endpoint is picked.')

const portTrafficPolicy = message('TrafficPolicy.PortTrafficPolicy', {
  port: required(enforced(portSelector, 'The service port that the policy is for.')),
  loadBalancer: balancing,
  connectionPool: pending(connectionPoolSettings, 'Limits of connections and requests on this port.'),
  outlierDetection: outlier,
  tls,
})

const policyOfPorts = list(portTrafficPolicy)
const portDoc = 'Policies by port; each replaces loadBalancer, connectionPool, outlierDetection and tls as a whole.'

const inherited = {
  tunnel: pending(
    message('TrafficPolicy.TunnelSettings', {
      protocol: pending(text(), 'CONNECT or POST; absent: CONNECT.'),
      targetHost: required(pending(text(), 'Host to tunnel to.')),
      targetPort: required(pending(port(), 'Port to tunnel to.')),
    }),
    'Tunnels TCP over HTTP. Not with proxyProtocol.',
  ),
  proxyProtocol: pending(
    message('TrafficPolicy.ProxyProtocol', {
      version: pending(choice(['V1', 'V2']), 'Text (V1) or binary (V2).'),
    }),
    'Sends the PROXY protocol to the destination.',
  ),
  retryBudget: pending(
    message('TrafficPolicy.RetryBudget', {
      percent: pending(double(), 'Share of requests in flight that may be retries; absent: 20.'),
      minRetryConcurrency: pending(uint32(), 'Retries that are always allowed; absent: 3.'),
      budgetInterval: pending(duration(0), 'How far back requests count; absent: only those in flight.'),
    }),
    'Limits retries.',
  ),
}

export const trafficPolicy = message('TrafficPolicy', {
  loadBalancer: balancing,
  connectionPool: enforced(connectionPoolSettings, 'Limits of connections and requests.'),
  outlierDetection: outlier,
  tls,
  portLevelSettings: enforced(policyOfPorts, portDoc),
  ...inherited,
})

/** The same message; states differ by place. */
export const subsetTrafficPolicy = message(
  'Subset.TrafficPolicy',
  {
    loadBalancer: balancing,
    connectionPool: pending(connectionPoolSettings, "Replaces the rule's block as a whole."),
    outlierDetection: outlier,
    tls,
    portLevelSettings: pending(policyOfPorts, portDoc),
    ...inherited,
  },
  { name: 'TrafficPolicy' },
)
