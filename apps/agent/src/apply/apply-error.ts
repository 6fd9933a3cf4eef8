/** Why a snapshot was not taken; the tables before it still serve. `message` names the part: send it as the NACK. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError'
}
