/** A command that cannot do what it was asked, in words for the user; no stack trace is shown. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'

  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message)
  }
}
