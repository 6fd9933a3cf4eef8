import { join } from 'node:path'
import type { HostPort } from './host-port.js'

/** Everything that can be set on a controller: one frozen value, made once at start by `loadSettings`. */
export interface Settings {
  readonly listen: HostPort
  readonly grpcListen: HostPort
  /** Holds `controller/`: pgdata, lock, api-token, join-token. */
  readonly stateFolder: string
  /** PostgreSQL; null: the embedded store under `stateFolder`. */
  readonly databaseUrl: string | null
  /** PEM files; null: plain text, which off loopback needs `insecurePlaintext`. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null
  readonly insecurePlaintext: boolean
  /** Completes short host names: `reviews` in namespace `prod` is `reviews.prod.<meshDomain>`. */
  readonly meshDomain: string
  /** How many of the newest revisions are kept readable. */
  readonly keepRevisions: number
  /** The first API token: given here, read from this file, or made into `controllerFolder/api-token`. */
  readonly apiToken: string | null
  readonly apiTokenFile: string | null
  readonly joinToken: string | null
  readonly joinTokenFile: string | null
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** Nest token of `Settings`: `@Inject(SETTINGS) private readonly settings: Settings`. */
export const SETTINGS = Symbol('settings')

/** The controller's part of the state folder: `pgdata`, `lock`, `api-token`, `join-token`. */
export function controllerFolder({ stateFolder }: Pick<Settings, 'stateFolder'>): string {
  return join(stateFolder, 'controller')
}
