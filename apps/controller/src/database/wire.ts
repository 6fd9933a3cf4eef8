/** One message of PostgreSQL's wire protocol 3.0: a type byte, an int32 length (itself included), the body. */
export interface Frame {
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a buffer into whole messages; `rest` is the beginning of the next one. */
export function frames(buffer: Buffer): { whole: Frame[]; rest: Buffer } {
  const whole: Frame[] = []
  let at = 0
  while (buffer.length - at >= 5) {
    const end = at + 1 + buffer.readInt32BE(at + 1)
    if (end > buffer.length) break
    whole.push({ type: String.fromCharCode(buffer[at]!), bytes: buffer.subarray(at, end) })
    at = end
  }
  return { whole, rest: buffer.subarray(at) }
}

/** The NUL-terminated string at `offset` in the body: the SQL of a Query, the channel of a NotificationResponse. */
export function textOf(frame: Frame, offset = 0): string {
  const start = 5 + offset
  return frame.bytes.toString('utf8', start, frame.bytes.indexOf(0, start))
}

/** `status` is I (idle), T (in a transaction) or E (in a failed one). */
export function readyForQuery(status: 'I' | 'T' | 'E'): Buffer {
  return message('Z', Buffer.from(status))
}

export function query(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`))
}

export function errorResponse(sqlState: string, text: string): Buffer {
  return message('E', Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${text}\0\0`))
}

/** AuthenticationOk, the two parameters that `pg` and TypeORM look at, ReadyForQuery. */
export const startupAnswer: Buffer = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('S', Buffer.from('client_encoding\0UTF8\0')),
  message('S', Buffer.from('integer_datetimes\0on\0')),
  readyForQuery('I'),
])

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
