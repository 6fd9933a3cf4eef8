import type { Problem } from './schemas/problem.js'

/** The server answered, and its answer was no. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title)
  }

  get status(): number {
    return this.problem.status
  }
}

/** No answer: not listening, not trusted, cut off, or too slow. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable'

  constructor(
    readonly server: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`cannot reach ${server}: ${reason}`, options)
  }
}
