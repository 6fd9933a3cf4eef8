import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One JSON log line of a process under test. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string }

export interface Child {
  readonly pid: number
  /** Every JSON line so far; lines that are no JSON object are kept as `{ msg: line }`. */
  readonly log: readonly LogLine[]
  /** Everything written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** The first line, past or future, that satisfies `test`. Rejects when the process ends before, or after 20 s. */
  line(what: string, test: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>
  kill(signal?: NodeJS.Signals): void
  /** Exit code, or the signal's name. */
  readonly exited: Promise<number | NodeJS.Signals>
}

const running = new Set<ChildProcess>()
// A test run that dies leaves no process behind.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** Starts `node SCRIPT ARGS...` with the given environment on top of the present one. */
export function startNode(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  return startProgram(process.execPath, [script, ...args], env)
}

/** Starts a program of the machine; `findProgram` says where it is. */
export function startProgram(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(path, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const log: LogLine[] = []
  const waiting = new Set<() => void>()
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  createInterface({ input: child.stdout }).on('line', (text) => {
    stdout += text + '\n'
    log.push(parseLine(text))
    waiting.forEach((wake) => wake())
  })
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve(code ?? signal ?? 'SIGKILL')
      waiting.forEach((wake) => wake())
    })
  })

  function line(what: string, test: (line: LogLine) => boolean, timeoutMs = 20_000): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      let seen = 0
      const done = (settle: () => void) => {
        waiting.delete(look)
        clearTimeout(timer)
        settle()
      }
      const fail = (why: string) => done(() => reject(new Error(`${why} before: ${what}\n${stderr}${tail(log)}`)))
      const look = () => {
        for (; seen < log.length; seen++) if (test(log[seen]!)) return done(() => resolve(log[seen]!))
        if (child.exitCode !== null || child.signalCode !== null) fail('process ended')
      }
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs)
      waiting.add(look)
      look()
    })
  }

  return {
    pid: child.pid!,
    log,
    stdout: () => stdout,
    stderr: () => stderr,
    line,
    exited,
    kill: (signal = 'SIGKILL') => child.kill(signal),
  }
}

function parseLine(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as LogLine
  } catch {
    // Not JSON: kept as text.
  }
  return { msg: text }
}

function tail(log: readonly LogLine[]): string {
  return log
    .slice(-20)
    .map((line) => JSON.stringify(line))
    .join('\n')
}
