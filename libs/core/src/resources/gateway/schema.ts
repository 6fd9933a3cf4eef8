import type * as z from 'zod'
import { allOf, enforced, message, pending, refused, required } from '../common/field.js'
import { choice, flag, list, map, protocol, text, uint32 } from '../common/scalar.js'

const notYet = { state: 'pending', reason: 'this version serves HTTP/1.1 only' } as const
const NOT_YET = ['HTTPS', 'GRPC', 'GRPC-WEB', 'HTTP2', 'MONGO', 'REDIS', 'MYSQL', 'TCP', 'TLS'] as const
const VERSIONS = ['TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'] as const

const serverPort = message(
  'Server.Port',
  {
    number: required(enforced(uint32(), 'The port to listen on, 1 to 65535; 0 only with a Unix socket.')),
    protocol: required(
      enforced(protocol(['HTTP', ...NOT_YET]), 'What is spoken on the port.', {
        values: allOf(NOT_YET, notYet),
      }),
    ),
    name: required(enforced(text(), 'Label of the port.')),
    targetPort: refused(uint32(), 'Port of the service in front.', 'Istio refuses it on a Gateway'),
  },
  { name: 'Port' },
)

const tlsCertificate = message('ServerTLSSettings.TLSCertificate', {
  serverCertificate: pending(text(), 'Path of the certificate chain.'),
  privateKey: pending(text(), 'Path of the private key.'),
  caCertificates: refused(text(), 'Path of the CA certificates.', 'Istio hides it and no version implements it'),
})

export const serverTLSSettings = message('ServerTLSSettings', {
  httpsRedirect: enforced(flag(), 'Answers every request with 301 to https.', { default: false }),
  mode: pending(
    choice(['PASSTHROUGH', 'SIMPLE', 'MUTUAL', 'AUTO_PASSTHROUGH', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL']),
    'Whether TLS is terminated here, and how clients are verified.',
    { default: 'PASSTHROUGH' },
  ),
  serverCertificate: pending(text(), 'Path of the certificate chain.'),
  privateKey: pending(text(), 'Path of the private key.'),
  caCertificates: pending(text(), 'Path of the CA certificates that verify clients.'),
  caCrl: pending(text(), 'Path of the revocation list.'),
  credentialName: pending(text(), 'Name of the secret with certificate and key.'),
  credentialNames: pending(list(text()), 'Names of secrets, one for RSA and one for ECDSA.'),
  caCertCredentialName: pending(text(), 'Name of the secret with the CA certificates.'),
  tlsCertificates: pending(list(tlsCertificate), 'Certificates of several key types; at most 2.'),
  subjectAltNames: pending(list(text()), "Names that a client's certificate must carry."),
  verifyCertificateSpki: pending(list(text()), 'Base64 SHA-256 of accepted public keys.'),
  verifyCertificateHash: pending(list(text()), 'Hex SHA-256 of accepted certificates.'),
  minProtocolVersion: pending(choice(VERSIONS), 'Lowest version of TLS; absent: TLSV1_2.', { default: 'TLS_AUTO' }),
  maxProtocolVersion: pending(choice(VERSIONS), 'Highest version of TLS.', { default: 'TLS_AUTO' }),
  cipherSuites: pending(list(text()), 'Cipher suites; absent: the default list.'),
  insecureSkipVerify: pending(flag(), "Whether the client's certificate goes unverified.", { default: false }),
})
export type ServerTLSSettings = z.output<typeof serverTLSSettings>

export const server = message('Server', {
  port: required(enforced(serverPort, 'Where to listen.')),
  bind: enforced(text(), 'Address to listen on; absent: 0.0.0.0.', {
    inspect: (value) =>
      String(value).startsWith('unix:')
        ? [{ path: [], state: 'pending', reason: 'a gateway on a Unix socket is not enforced by this version' }]
        : [],
  }),
  hosts: required(
    enforced(list(text()), '`[namespace/]host`; a VirtualService must share a host. `.` own namespace, `*` any.'),
  ),
  tls: enforced(serverTLSSettings, 'TLS of the server; on HTTP only httpsRedirect.'),
  defaultEndpoint: refused(text(), 'Endpoint for unmatched traffic.', 'Istio does not implement it'),
  name: enforced(text(), 'Name of the server; unique.'),
})
export type Server = z.output<typeof server>

/** `networking.istio.io/Gateway`, as in istio/api's gateway.proto. */
export const gatewaySpec = message(
  'GatewaySpec',
  {
    servers: enforced(list(server), 'What the gateway listens on.'),
    selector: enforced(
      map(text()),
      'Labels of the gateway agents, of any namespace, that run it. Absent: all of them.',
    ),
  },
  { name: 'Gateway' },
)
export type GatewaySpec = z.output<typeof gatewaySpec>
