import type { Readable, Writable } from 'node:stream'

/** Where a command runs: data goes to stdout, every other word to stderr. Tests give their own. */
export interface Terminal {
  readonly stdin: Readable
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
}
