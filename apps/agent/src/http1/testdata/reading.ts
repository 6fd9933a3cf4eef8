/** Messages as three readers see them: ours, llhttp, and one made of strings. */
export interface ReadingInput {
  readonly kind: 'requests' | 'responses'
  /** All that the peer sends; behind it, FIN. */
  readonly bytes: Buffer
  /** The responses answer HEAD. */
  readonly answersHead: boolean
  /** The responses answer a request for a WebSocket: nothing is read behind a 101. */
  readonly answersUpgrade?: boolean
}

export interface Reading {
  /** The bodies of the complete messages, one character an octet. */
  bodies: string[]
  /** The offset behind each of them. */
  ends: number[]
  /** What follows them: nothing that is read, the beginning of a message, or what is none. */
  rest: 'none' | 'more' | 'error'
  /** Of an error. */
  reason: string
}
