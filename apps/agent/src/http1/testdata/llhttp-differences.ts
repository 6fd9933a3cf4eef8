/** Rows that llhttp in strict mode reads otherwise than the codec, and why the codec is right. */
export interface Difference {
  /** Whether the codec refuses where llhttp reads on, or reads on where llhttp refuses or frames otherwise. */
  readonly ours: 'refuses' | 'accepts'
  readonly reason: string
  /** Names of rows. */
  readonly rows: readonly string[]
}

export const REQUEST_DIFFERENCES: readonly Difference[] = [
  {
    ours: 'refuses',
    reason: "llhttp counts nothing: the bounds on heads, fields, targets, extensions and trailers are its caller's",
    rows: [
      'a target of 8193 octets', 'a query that makes the target too long', 'a request line of 60 KiB',
      'an absolute target that is too long', '101 fields', '17 options in Connection',
      '17 options in two Connection fields', '1 KiB and one octet of Connection', 'a head of 60 KiB and one octet',
      '60 KiB that never end a head', '60 KiB of white space before a value', 'extensions of 16 KiB and more',
      'trailers beyond 8 KiB', '33 trailer fields', 'extensions of 16 KiB and one octet',
      'extensions of many small chunks', 'trailers of 8 KiB and one octet',
    ],
  },
  {
    ours: 'refuses',
    reason:
      '16 digits, and at most 2^53 - 1, are what every party reads alike; llhttp counts to 2^64 and skips zeros',
    rows: [
      'a length beyond 2^53 - 1', 'a length of 17 digits', 'a length of 20 digits', 'a size of 17 digits',
      'a size beyond 2^53 - 1', 'a last chunk of 17 zeros',
    ],
  },
  {
    ours: 'refuses',
    reason:
      "llhttp leaves Host to its caller. RFC 9112 3.2: one, valid, and the same as an absolute target's, or 400",
    rows: [
      'Host contradicts the target', 'Host has another port than the target', 'an absolute target, no Host',
      'the default port against none', 'none against the default port', 'Host is a prefix of the target',
      'Host contradicts the target in HTTP/1.0', 'an absolute target and two Hosts',
      'an absolute target and an empty Host', 'userinfo in the target and in Host', 'no Host', 'two Hosts',
      'the same Host twice', 'two Hosts in HTTP/1.0', 'an empty Host', 'a Host of spaces', 'a Host list',
      'a Host with a path', 'a Host with userinfo', 'a Host with a query', 'a Host with a space',
      'a Host with a scheme', 'a Host with a high byte', 'a Host with a quote', 'a Host with an empty port',
      'a Host with a port of letters', 'a Host with a port beyond 65535', 'a Host with a port of six digits',
      'a Host with two ports', 'a Host with only a port', 'an open bracket', 'empty brackets', 'a digit in brackets',
      'colons in brackets', 'IPv4 in brackets', 'letters in brackets', 'text behind brackets',
      'a Host list without spaces', 'a Host with a semicolon', 'a Host with an ampersand', 'a Host with an escape',
      'a Host with a backslash', 'a Host with a fragment', 'a Host with a tab', 'a Host with a comma and a port',
      'a Host with a space before the port', 'a Host with a space behind the colon', 'a Host with a signed port',
      'a Host with a port that overflows 16 bits to 80', 'a Host with an asterisk', 'an IPv6 zone',
      'an IPv6 zone, unescaped', 'IPv6 without brackets', 'IPv6 with a port of letters',
      'an IP literal of the future', 'a closing bracket alone', 'an empty Host in HTTP/1.0',
      'an invalid Host in HTTP/1.0', 'a second Host in other case, apart', 'a second Host that is empty',
      'no Host but Connection names one', 'a good one and one without Host',
      'a target does not leak into the next request',
    ],
  },
  {
    ours: 'refuses',
    reason:
      'llhttp lets octets through that RFC 3986 does not allow, and does not check escapes or what a method may ask of',
    rows: [
      'a fragment', 'a fragment in the query', 'a quote in the path', 'angle brackets in the path',
      'a backslash in the path', 'a backslash in the query', 'braces in the path', 'a caret in the path',
      'a pipe in the path', 'an escape without digits', 'an escape of one digit', 'an escape that is not hexadecimal',
      'an asterisk for GET', 'an asterisk with more', 'a backquote in the query', 'braces in the query',
      'a pipe in the query', 'a caret in the query', 'a quote in the query', 'angle brackets in the query',
      'an escape cut by the query', 'an asterisk with a query', 'two asterisks', 'an asterisk for POST',
    ],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 4.2.4: userinfo is an error; so are other schemes here, empty hosts and ports that are none',
    rows: [
      'userinfo', 'userinfo with a password', 'a fragment in an absolute target', 'an empty authority', 'ftp',
      'a scheme that is nearly http', 'a scheme that is too long', 'userinfo that is empty', 'three slashes',
      'a port without a host', 'an absolute target with an empty port', 'an absolute target with a port beyond 65535',
      'an absolute target with two ports', 'a comma in the authority', 'an escape in the authority',
      'an IPv6 zone in the authority', 'an open bracket in the authority', 'websocket as a scheme',
    ],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 2.3: only 1.0 and 1.1 are framed as we frame. llhttp knows 0.9 and 2.0 as well',
    rows: ['HTTP/0.9', 'HTTP/2.0', 'HTTP/0.9 in words'],
  },
  {
    ours: 'refuses',
    reason:
      'RFC 9112 2.2: one empty line is forgiven, before a request. llhttp skips any number of CR and LF anywhere',
    rows: [
      'two empty lines before', 'a bare LF before', 'a bare CR before', 'two thousand empty lines',
      'two empty lines between', 'a bare LF between',
    ],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 3: one space. llhttp skips several',
    rows: ['two spaces before the target', 'two spaces before the version'],
  },
  {
    ours: 'refuses',
    reason: 'a tunnel is no request to a gateway; llhttp leaves it to its caller',
    rows: ['CONNECT', 'CONNECT without a port', 'CONNECT of a path'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 9.3.8: a TRACE has no content',
    rows: ['TRACE with a body', 'TRACE with chunks'],
  },
  {
    ours: 'refuses',
    reason:
      'RFC 9112 6.1: chunked alone is served. llhttp goes by the last coding, and else by the end of the connection',
    rows: [
      'gzip, chunked', 'two TE fields that differ', 'an empty TE', 'a TE of a comma', 'identity, chunked',
      'several unknown codings, chunked', 'x-chunked, chunked', 'an empty coding, chunked',
      'chunked behind a comma and a space', 'an unknown coding with a parameter', 'an unknown coding in quotes',
      'two TE fields, the second empty', 'two TE fields, gzip first', 'a good one and an unknown coding',
    ],
  },
  {
    ours: 'refuses',
    reason: 'a tab around what frames is part of the value to some parsers: to llhttp behind it, but not before it',
    rows: ['a tab before chunked', 'a space and a tab before chunked', 'a tab before a length'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 6.1: Transfer-Encoding in HTTP/1.0 is faulty framing',
    rows: ['TE in HTTP/1.0', 'gzip, chunked in HTTP/1.0', 'TE in HTTP/1.0 with keep-alive'],
  },
  {
    ours: 'refuses',
    reason: 'what reads fields as CGI variables takes `_` for `-`: a field that frames behind our back',
    rows: [
      'Content_Length', 'Transfer_Encoding', 'Content_Length beside Content-Length',
      'Transfer_Encoding beside Content-Length', 'transfer_encoding beside Transfer-Encoding',
    ],
  },
  {
    ours: 'refuses',
    reason:
      'RFC 9110 10.1.1: an unknown expectation fails, one in disguise is an attack. llhttp does not read it',
    rows: [
      'an unknown expectation', 'an obfuscated expectation', 'an expectation that hides', 'two expectations',
      'an empty expectation', 'a list that hides an expectation', 'an expectation in quotes',
      'an expectation with a parameter', 'an expectation with a trailing comma',
      'an expectation behind a no-break space', 'an expectation that goes on', 'an expectation in halves',
      'two expectations, one empty', 'an unknown expectation with a value', 'a number that is no expectation',
    ],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 7.6.1: Connection is a list of tokens, and decides what is dropped',
    rows: [
      'a Connection that is no list of tokens', 'Connection with a space for a comma',
      'Connection with a broken option behind a good one', 'a Connection with a semicolon',
      'a Connection with a space inside',
    ],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 7.1.1: an extension has a name, and a value behind `=`',
    rows: ['an extension of two semicolons', 'an extension without a name', 'an extension with an empty value'],
  },
  {
    ours: 'accepts',
    reason: 'RFC 9110 9.1: any token is a method. llhttp has a list',
    rows: ['a method of token characters', 'a lower-case method is another method', 'a method of 32 octets',
      'an upgrade by another method',
    ],
  },
  {
    ours: 'accepts',
    reason: 'a trailer that frames is dropped and frames nothing; llhttp takes it for a field of the head',
    rows: ['trailers that must not go on', 'a trailer that frames', 'a chunked body and a smuggled length'],
  },
  {
    ours: 'accepts',
    reason: 'Proxy-Connection has no meaning (RFC 9112 C.2.2): it is dropped. llhttp takes it for Connection',
    rows: ['Proxy-Connection: close means nothing'],
  },
]

export const RESPONSE_DIFFERENCES: readonly Difference[] = [
  {
    ours: 'refuses',
    reason: "llhttp counts nothing: the bounds on heads, fields, targets, extensions and trailers are its caller's",
    rows: [
      '101 fields', '17 options in Connection', 'a head beyond 60 KiB', 'a head of 60 KiB and one octet',
      'a head of 60 KiB that never ends', '33 trailer fields', 'trailers beyond 8 KiB', 'extensions beyond 16 KiB',
    ],
  },
  {
    ours: 'refuses',
    reason:
      '16 digits, and at most 2^53 - 1, are what every party reads alike; llhttp counts to 2^64 and skips zeros',
    rows: ['a length beyond 2^53 - 1', 'a length of 17 digits', 'a size of 17 digits', 'a size beyond 2^53 - 1'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 2.3: only 1.0 and 1.1 are framed as we frame. llhttp knows 0.9 and 2.0 as well',
    rows: ['HTTP/2', 'HTTP/0.9 in words'],
  },
  {
    ours: 'refuses',
    reason:
      'RFC 9112 2.2: one empty line is forgiven, before a request. llhttp skips any number of CR and LF anywhere',
    rows: [
      'an empty line first', 'a bare LF before the version', 'an empty line behind 1xx',
      'an empty line behind the body',
    ],
  },
  {
    ours: 'refuses',
    reason:
      'RFC 9112 6.1: chunked alone is served. llhttp goes by the last coding, and else by the end of the connection',
    rows: [
      'gzip', 'gzip, chunked', 'two TE', 'an unknown coding in answer to HEAD', 'an empty TE', 'identity',
      'chunked, gzip', 'chunked, chunked', 'chunked with a trailing comma', 'chunked behind a comma',
      'chunked with a parameter', 'chunked in quotes', 'xchunked', 'chunked and a no-break space',
      'two TE that differ',
    ],
  },
  {
    ours: 'refuses',
    reason: 'a tab around what frames is part of the value to some parsers: to llhttp behind it, but not before it',
    rows: ['a tab before a length', 'a tab before chunked', 'a tab behind chunked'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 6.1: Transfer-Encoding in HTTP/1.0 is faulty framing',
    rows: ['TE in HTTP/1.0'],
  },
  {
    ours: 'refuses',
    reason: 'what reads fields as CGI variables takes `_` for `-`: a field that frames behind our back',
    rows: ['Content_Length', 'Transfer_Encoding', 'Content_Length beside Content-Length'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 7.6.1: Connection is a list of tokens, and decides what is dropped',
    rows: ['a Connection that is no list of tokens'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 15: a status is 100 and more',
    rows: ['a status below 100', 'a status of 000'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9112 4: a reason has no control characters',
    rows: ['a NUL in the reason', 'a reason with an escape character', 'a reason with a DEL'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 8.6, RFC 9112 6.1: no length and no coding in 1xx and 204. llhttp reads on behind the head',
    rows: ['204 with a length', '204 with chunks', '1xx with a length', '1xx with chunks'],
  },
  {
    ours: 'accepts',
    reason: 'a trailer that frames is dropped and frames nothing; llhttp takes it for a field of the head',
    rows: ['a trailer that frames'],
  },
  {
    ours: 'refuses',
    reason: 'whether the switch was asked for is known above the parser',
    rows: ['101 that nobody asked for'],
  },
  {
    ours: 'refuses',
    reason: 'RFC 9110 7.8: a 101 names the one protocol that was asked for, by Connection too. llhttp leaves that to its caller',
    rows: [
      '101 in HTTP/1.0', '101 to a version of WebSocket', '101 to another protocol', '101 to two protocols',
      '101 whose Connection does not name Upgrade', '101 with a length', '101 with chunks', '101 with two Upgrade fields',
      '101 without Connection', '101 without Upgrade',
    ],
  },
]
