/** Where config comes from: a controller, or files of this host. One of the two, for the life of the process. */
export interface ConfigSource {
  /** Brings what there is now into the data plane and keeps it up to date from then on. Listeners are open already. */
  start(): Promise<void>
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
