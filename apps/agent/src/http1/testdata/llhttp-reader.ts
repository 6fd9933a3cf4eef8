import { createRequire } from 'node:module'
import { type Reading, type ReadingInput } from './reading.js'

/** What llhttp calls; the names are those of its build for WebAssembly, which undici publishes. */
interface Llhttp {
  memory: { readonly buffer: ArrayBuffer }
  _initialize(): void
  malloc(bytes: number): number
  llhttp_alloc(type: number): number
  llhttp_reset(parser: number): void
  llhttp_execute(parser: number, at: number, bytes: number): number
  llhttp_finish(parser: number): number
  llhttp_resume(parser: number): void
  llhttp_resume_after_upgrade(parser: number): void
  llhttp_get_error_pos(parser: number): number
  llhttp_get_error_reason(parser: number): number
  llhttp_get_status_code(parser: number): number
}

/** The types of Node 20 leave it out. */
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: unknown }
}

const REQUEST = 1
const RESPONSE = 2
const PAUSED = 21
const PAUSED_UPGRADE = 22
const SKIP_BODY = 1
const AFTER_CLOSE = 'Data after `Connection: close`'
const INPUT_BYTES_MAX = 256 * 1024

let head = false
let body = ''
let begun = false
let completed = false

const llhttp = load()
const buffer = llhttp.malloc(INPUT_BYTES_MAX)
const requests = llhttp.llhttp_alloc(REQUEST)
const responses = llhttp.llhttp_alloc(RESPONSE)

/** Reads with llhttp, none of its lenient flags set. Each message is reported when it is complete. */
export function readWithLlhttp({ kind, bytes, answersHead, answersUpgrade }: ReadingInput): Reading {
  const parser = kind === 'requests' ? requests : responses
  const reading: Reading = { bodies: [], ends: [], rest: 'none', reason: '' }
  head = answersHead
  body = ''
  begun = false
  llhttp.llhttp_reset(parser)
  new Uint8Array(llhttp.memory.buffer).set(bytes, buffer)
  let at = 0
  let status = -1
  while (at < bytes.length) {
    completed = false
    const code = llhttp.llhttp_execute(parser, buffer + at, bytes.length - at)
    if (code === 0) {
      at = bytes.length
      break
    }
    if (code !== PAUSED && code !== PAUSED_UPGRADE) return refused(reading, parser)
    at = llhttp.llhttp_get_error_pos(parser) - buffer
    if (completed) take(reading, at)
    status = llhttp.llhttp_get_status_code(parser)
    // Another protocol follows; a request that asked for one is answered as any other.
    if (kind === 'responses' && status === 101) {
      return answersUpgrade === true ? reading : { ...reading, rest: 'error', reason: '101' }
    }
    if (code === PAUSED) llhttp.llhttp_resume(parser)
    else llhttp.llhttp_resume_after_upgrade(parser)
  }
  return finish(reading, parser, bytes.length)
}

/** FIN: ends a body that ends with the connection. */
function finish(reading: Reading, parser: number, end: number): Reading {
  completed = false
  llhttp.llhttp_finish(parser)
  if (completed) take(reading, end)
  else if (begun) reading.rest = 'more'
  return reading
}

function take(reading: Reading, end: number): void {
  reading.bodies.push(body)
  reading.ends.push(end)
  body = ''
  begun = false
}

function refused(reading: Reading, parser: number): Reading {
  reading.reason = text(llhttp.llhttp_get_error_reason(parser))
  // That is what we do, too: nothing is read behind the last message of a connection.
  if (reading.reason !== AFTER_CLOSE) reading.rest = 'error'
  return reading
}

function load(): Llhttp {
  const wasm = createRequire(import.meta.url)('undici/lib/llhttp/llhttp-wasm.js') as Uint8Array
  const nothing = () => 0
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: {
      wasm_on_message_begin() {
        begun = true
        return 0
      },
      wasm_on_url: nothing,
      wasm_on_status: nothing,
      wasm_on_header_field: nothing,
      wasm_on_header_value: nothing,
      wasm_on_headers_complete: () => (head ? SKIP_BODY : 0),
      wasm_on_body(_parser: number, at: number, bytes: number) {
        body += latin1(at, at + bytes)
        return 0
      },
      wasm_on_message_complete() {
        completed = true
        return PAUSED
      },
    },
  })
  const exports = instance.exports as Llhttp
  exports._initialize()
  return exports
}

function text(at: number): string {
  const memory = new Uint8Array(llhttp.memory.buffer)
  return latin1(at, memory.indexOf(0, at))
}

function latin1(from: number, to: number): string {
  return Buffer.from(llhttp.memory.buffer, from, to - from).toString('latin1')
}

/** llhttp has a list of methods; some of them for other protocols than HTTP. */
export function llhttpKnowsMethod(method: string): boolean {
  const bytes = Buffer.from(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`, 'latin1')
  return readWithLlhttp({ kind: 'requests', bytes, answersHead: false }).ends.length === 1
}
