import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** null: until Ctrl-C. */
  readonly seconds: number | null
  /** One line of JSON on stdout at the end; needs seconds. */
  readonly json: boolean
  readonly controllerOnly: boolean
  /** null: a temporary folder that goes with the run. */
  readonly stateDir: string | null
}

export const USAGE = `npm start -- [--seconds N [--json]] [--controller-only] [--state-dir DIR]

  --seconds N        send traffic for N seconds, then end (default: until Ctrl-C)
  --json             with --seconds: end with one line of JSON on stdout
  --controller-only  only the controller, no agents and no traffic
  --state-dir DIR    keep the state there (default: fresh, gone at the end)
`

const SECONDS_MAX = 86_400

/** @throws Error whose message tells what is wrong with the arguments. */
export function parseDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      json: { type: 'boolean', default: false },
      'controller-only': { type: 'boolean', default: false },
      'state-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const seconds = values.seconds === undefined ? null : Number(values.seconds)
  if (seconds !== null && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX)) {
    throw new Error(`--seconds ${values.seconds}: expected a whole number from 1 to ${SECONDS_MAX}`)
  }
  if (values.json && seconds === null) throw new Error('--json needs --seconds: it ends with the figures')
  if (values['controller-only'] && seconds !== null) throw new Error('--controller-only has no traffic: no --seconds')
  return {
    seconds,
    json: values.json,
    controllerOnly: values['controller-only'],
    stateDir: values['state-dir'] ?? null,
  }
}
