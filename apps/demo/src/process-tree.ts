import { spawn, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A JSON log line of a child. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: unknown }

export interface Child {
  readonly name: string
  readonly process: ChildProcess
  /** The first line, from now on, whose msg is this. Rejects when the child ends before, or the time is over. */
  ready(message: string, timeoutMs?: number): Promise<LogLine>
  onLine(listener: (line: LogLine) => void): void
}

const TAIL_LINES = 12
const STOP_MS = 12_000
const READY_MS = 60_000

/**
 * All processes of a run. They live in process groups of their own, so that a Ctrl-C reaches only us and we stop them
 * in order; and a reaper outlives us for a moment, so that even a kill -9 of this process leaves nothing behind.
 */
export class ProcessTree {
  readonly #children: Child[] = []
  readonly #reaper: ChildProcess
  readonly #onUnexpectedEnd: (error: Error) => void
  readonly #temporaryFolder: string | null
  #stopping = false

  /** @param temporaryFolder removed at the end, whichever way the end comes. */
  constructor(temporaryFolder: string | null, onUnexpectedEnd: (error: Error) => void) {
    this.#temporaryFolder = temporaryFolder
    this.#onUnexpectedEnd = onUnexpectedEnd
    const script = fileURLToPath(new URL('../bin/fairlead-demo.js', import.meta.url))
    const args = [script, 'reaper', ...(temporaryFolder === null ? [] : [temporaryFolder])]
    this.#reaper = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    this.#reaper.stdin?.on('error', () => undefined)
    this.#reaper.unref()
  }

  /** Runs `node SCRIPT ARGS...`; with an IPC channel when it wants one. @throws once `stop` was called. */
  start(name: string, script: string, args: readonly string[], options: { readonly ipc?: boolean } = {}): Child {
    if (this.#stopping) throw new Error(`${name} is not started: the run is over`)
    const child = spawn(process.execPath, [script, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
    })
    this.#tellReaper('+', child)
    const tail: string[] = []
    const listeners = new Set<(line: LogLine) => void>()
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (text) => {
        tail.push(text)
        if (tail.length > TAIL_LINES) tail.shift()
        const line = parseLine(text)
        if (line) for (const listener of listeners) listener(line)
      })
    }
    const ended = () => new Error(`${name} ended (${child.signalCode ?? `exit ${child.exitCode}`})\n${tail.join('\n')}`)
    child.once('close', () => {
      this.#tellReaper('-', child)
      if (!this.#stopping) this.#onUnexpectedEnd(ended())
    })
    const handle: Child = {
      name,
      process: child,
      onLine: (listener) => void listeners.add(listener),
      ready: (message, timeoutMs = READY_MS) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => {
            reject(new Error(`${name} was not ready after ${timeoutMs / 1000} s\n${tail.join('\n')}`))
          }, timeoutMs)
          child.once('close', () => {
            clearTimeout(timer)
            reject(ended())
          })
          listeners.add(function look(line) {
            if (line.msg !== message) return
            listeners.delete(look)
            clearTimeout(timer)
            resolve(line)
          })
        }),
    }
    this.#children.push(handle)
    return handle
  }

  /** The last started first, so that nothing loses what it stands on; what does not end in time is killed. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const child of this.#children.toReversed()) await end(child.process)
    if (this.#temporaryFolder !== null) rmSync(this.#temporaryFolder, { recursive: true, force: true })
    // Waited for, so that it is gone with us and is nobody's zombie.
    this.#reaper.ref()
    const reaped = new Promise((resolve) => this.#reaper.once('exit', resolve))
    this.#reaper.stdin?.end()
    if (this.#reaper.exitCode === null && this.#reaper.signalCode === null) await reaped
  }

  #tellReaper(sign: '+' | '-', child: ChildProcess): void {
    if (child.pid !== undefined) this.#reaper.stdin?.write(`${sign}${child.pid}\n`)
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

function parseLine(text: string): LogLine | null {
  if (!text.startsWith('{')) return null
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return null
  }
}
