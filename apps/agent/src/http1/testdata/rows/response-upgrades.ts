import { chunked, head, HI, ok, type ResponseRow, row } from './response-row.js'

/** In answer to a request that asked for a WebSocket. */
const toUpgrade = (name: string, input: string, expected: 502 | string, fate: ResponseRow['fate'] = 'tunnel') =>
  row(name, input, expected, fate, { upgrade: true })
const switching = (...lines: string[]) => head('HTTP/1.1 101 Switching Protocols', ...lines)
const SWITCHED = switching('connection: upgrade', 'upgrade: websocket')

export const RESPONSE_UPGRADE_ROWS: readonly ResponseRow[] = [
  toUpgrade('101', switching('Upgrade: websocket', 'Connection: Upgrade'), SWITCHED),
  toUpgrade('101 with fields', switching('A: 1', 'Upgrade: WebSocket', 'Connection: x, upgrade', 'X: 1', 'Sec-WebSocket-Accept: y'), switching('A: 1', 'Sec-WebSocket-Accept: y', 'connection: upgrade', 'upgrade: websocket')),
  toUpgrade('101 and the first bytes', switching('Upgrade: websocket', 'Connection: Upgrade') + '\x81\x00HTTP', SWITCHED + '\x81\x00HTTP'),
  toUpgrade('101 and another 101', switching('Upgrade: websocket', 'Connection: Upgrade') + 'HTTP/1.1 101 X', SWITCHED + 'HTTP/1.1 101 X'),
  toUpgrade('101 with a length of 0', switching('Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 0'), SWITCHED),
  toUpgrade('101 behind 103', head('HTTP/1.1 103 E') + switching('Upgrade: websocket', 'Connection: Upgrade'), head('HTTP/1.1 103 Early Hints') + SWITCHED),
  toUpgrade('101 with a length', switching('Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 2') + 'hi', 502),
  toUpgrade('101 with chunks', switching('Upgrade: websocket', 'Connection: Upgrade', 'Transfer-Encoding: chunked'), 502),
  toUpgrade('101 to another protocol', switching('Upgrade: h2c', 'Connection: Upgrade'), 502),
  toUpgrade('101 to two protocols', switching('Upgrade: websocket, h2c', 'Connection: Upgrade'), 502),
  toUpgrade('101 with two Upgrade fields', switching('Upgrade: websocket', 'Upgrade: websocket', 'Connection: Upgrade'), 502),
  toUpgrade('101 to a version of WebSocket', switching('Upgrade: websocket/13', 'Connection: Upgrade'), 502),
  toUpgrade('101 without Connection', switching('Upgrade: websocket'), 502),
  toUpgrade('101 whose Connection does not name Upgrade', switching('Upgrade: websocket', 'Connection: keep-alive'), 502),
  toUpgrade('101 without Upgrade', switching('Connection: Upgrade'), 502),
  toUpgrade('101 in HTTP/1.0', head('HTTP/1.0 101 X', 'Upgrade: websocket', 'Connection: Upgrade'), 502),
  toUpgrade('200 to an upgrade', ok('hi', 'Content-Length: 2', 'Upgrade: websocket', 'Connection: Upgrade'), HI, 'closed'),
  toUpgrade('426 to an upgrade', head('HTTP/1.1 426 X', 'Content-Length: 0'), head('HTTP/1.1 426 Upgrade Required', 'content-length: 0'), 'closed'),
  toUpgrade('chunks to an upgrade', chunked('2\r\nhi\r\n0\r\n\r\n'), ok('<hi>', 'transfer-encoding: chunked'), 'closed'),
]
