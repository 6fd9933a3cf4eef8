import { type LocalReply } from '../http/head.js'

const replies = new Map<number, LocalReply>()

/** The codec's own answer to what it does not accept: a status, nothing else. Made once for each status. */
export function refusalReply(status: number): LocalReply {
  let reply = replies.get(status)
  if (reply === undefined) replies.set(status, (reply = { status, fields: [], body: null }))
  return reply
}
