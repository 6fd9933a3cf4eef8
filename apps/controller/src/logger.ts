import type { LoggerService } from '@nestjs/common'
import { pino, type Logger as Pino } from 'pino'
import type { Settings } from './settings/settings.js'

/** Nest's own words about wiring: of interest to those who work on the wiring. */
const wiring = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'NestMicroservice',
])

/** One JSON object a line on stdout: level, time (RFC 3339), msg, and what belongs to the event. */
export function createLogger(level: Settings['logLevel']): Pino {
  return pino({
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  })
}

/** Nest's logger over pino: `new Logger('revisions').warn({ msg: '...', err })`. */
export class NestLogger implements LoggerService {
  constructor(private readonly pino: Pino) {}

  log(message: unknown, ...rest: unknown[]): void {
    const level = wiring.has(contextOf(rest)) ? 'debug' : 'info'
    this.#write(level, message, rest)
  }

  error(message: unknown, ...rest: unknown[]): void {
    // Nest logs a listener's error and throws it as well: whoever catches it says it once, in our words.
    this.#write(contextOf(rest) === 'NestApplication' ? 'debug' : 'error', message, rest)
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest)
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest)
  }

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: unknown, rest: readonly unknown[]): void {
    const component = contextOf(rest)
    // Nest gives a stack as a second text.
    const stack = rest.length > 1 && typeof rest[0] === 'string' ? { stack: rest[0] } : {}
    if (message instanceof Error) this.pino[level]({ component, err: message })
    else if (typeof message === 'object' && message !== null) this.pino[level]({ component, ...message })
    else this.pino[level]({ component, ...stack }, String(message))
  }
}

function contextOf(rest: readonly unknown[]): string {
  const last = rest.at(-1)
  return typeof last === 'string' ? last : ''
}
