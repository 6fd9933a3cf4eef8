/** One setting in its three spellings. In the settings file its name is the flag's, without the dashes. */
export interface OptionSpelling {
  /** As commander reads it; without `<...>` the flag is a switch. */
  readonly flag: string
  readonly env: string
  readonly description: string
  readonly secret?: true
}

/** Every setting of the controller. Secrets have no flag, since every user of the host can see a command line. */
export const options = {
  listen: { flag: '--listen <host:port>', env: 'FAIRLEAD_LISTEN', description: 'REST API (127.0.0.1:8080)' },
  grpcListen: {
    flag: '--grpc-listen <host:port>',
    env: 'FAIRLEAD_GRPC_LISTEN',
    description: 'streams of agents (127.0.0.1:15012)',
  },
  stateDir: { flag: '--state-dir <folder>', env: 'FAIRLEAD_STATE_DIR', description: 'holds the embedded database' },
  databaseUrl: {
    flag: '--database-url <url>',
    env: 'DATABASE_URL',
    description: 'PostgreSQL 15 or newer, instead of the embedded database',
    secret: true,
  },
  tlsCert: { flag: '--tls-cert <file>', env: 'FAIRLEAD_TLS_CERT', description: 'PEM certificate chain' },
  tlsKey: { flag: '--tls-key <file>', env: 'FAIRLEAD_TLS_KEY', description: 'PEM private key' },
  insecurePlaintext: {
    flag: '--insecure-plaintext',
    env: 'FAIRLEAD_INSECURE_PLAINTEXT',
    description: 'listen off loopback without TLS',
  },
  meshDomain: {
    flag: '--mesh-domain <domain>',
    env: 'FAIRLEAD_MESH_DOMAIN',
    description: 'completes short host names (svc.cluster.local)',
  },
  keepRevisions: {
    flag: '--keep-revisions <number>',
    env: 'FAIRLEAD_KEEP_REVISIONS',
    description: 'how many old revisions stay readable (10000)',
  },
  apiToken: { flag: '', env: 'FAIRLEAD_API_TOKEN', description: 'the first API token itself', secret: true },
  apiTokenFile: {
    flag: '--api-token-file <file>',
    env: 'FAIRLEAD_API_TOKEN_FILE',
    description: 'holds the first API token',
  },
  joinToken: { flag: '', env: 'FAIRLEAD_JOIN_TOKEN', description: 'the first join token itself', secret: true },
  joinTokenFile: {
    flag: '--join-token-file <file>',
    env: 'FAIRLEAD_JOIN_TOKEN_FILE',
    description: 'holds the first join token',
  },
  logLevel: {
    flag: '--log-level <level>',
    env: 'FAIRLEAD_LOG_LEVEL',
    description: 'debug, info, warn or error (info)',
  },
} as const satisfies Record<string, OptionSpelling>

export type OptionName = keyof typeof options

/** `--tls-cert <file>` -> `tls-cert`: how the settings file spells it. */
export function fileKey(name: OptionName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
