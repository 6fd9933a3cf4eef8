/**
 * Where config comes from: a controller, or files of this host. One of the two, for the life of the process. What there
 * is at its creation is in the data plane already, so that listeners never open onto nothing.
 */
export interface ConfigSource {
  /** Listeners are open: others may be told so. Keeps config up to date from now on. */
  start(): void
  /** SIGHUP. Keeps what runs when the new config is bad; never rejects. */
  reload(): Promise<void>
  /** Withdraws this workload's endpoint, or brings it back. Resolves when that is known, or cannot be. */
  drain(draining: boolean): Promise<void>
  /** Clean stop: resolves when nobody is sent here any more, as far as this host can tell. */
  stop(): Promise<void>
  /** Plain JSON for admin. */
  status(): object
}

/** The mesh's files cannot be used: exit code 65, as EX_DATAERR of sysexits(3). The message has a line per finding. */
export class BadInputError extends Error {}
