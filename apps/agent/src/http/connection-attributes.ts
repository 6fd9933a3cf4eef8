/** What is known of a connection before its first request; every exchange on it carries these. Frozen at accept. */
export interface ConnectionAttributes {
  readonly direction: 'outbound' | 'inbound' | 'gateway'
  readonly peerAddress: string
  readonly peerPort: number
  readonly localAddress: string
  readonly localPort: number
  /** Where the client meant to go, if the bind or PROXY v2 says so; null: the authority of each request decides. */
  readonly originalDestination: OriginalDestination | null
  /** TLS was terminated here. */
  readonly secure: boolean
  /** SPIFFE ID of an mTLS peer, else null. */
  readonly principal: string | null
  readonly serverName: string | null
  readonly applicationProtocol: string | null
}

export interface OriginalDestination {
  readonly host: string
  readonly port: number
}
