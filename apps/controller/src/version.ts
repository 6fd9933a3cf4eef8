import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** What `/version` says. The commit is known where a build put it into the environment. */
export const serverVersion: { readonly version: string; readonly commit?: string } = {
  version,
  ...(process.env['FAIRLEAD_COMMIT'] ? { commit: process.env['FAIRLEAD_COMMIT'] } : {}),
}
