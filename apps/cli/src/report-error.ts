import { ApiError, ServerUnreachable, type ProblemError } from '@fairlead/api-client'
import { CommandFailure } from './command-failure.js'
import { placeOf, type Documents } from './documents/source-map.js'
import { ExitCode, exitCodeOfStatus } from './exit-code.js'

/** What stderr is told, and what the process ends with. */
export interface Report {
  readonly exitCode: number
  readonly lines: readonly string[]
}

/** A refusal of documents that came from files; so that each error can be told at its place. */
export class DocumentsRefused extends Error {
  constructor(
    readonly refusal: ApiError,
    readonly documents: Documents,
  ) {
    super(refusal.message)
  }
}

/** Every error of a command, in words; a stack trace only for a bug of ours. */
export function reportError(error: unknown): Report {
  if (error instanceof DocumentsRefused) return reportProblem(error.refusal, error.documents)
  if (error instanceof ApiError) return reportProblem(error, null)
  if (error instanceof ServerUnreachable) return { exitCode: ExitCode.unreachable, lines: [error.message] }
  if (error instanceof CommandFailure) return { exitCode: error.exitCode, lines: [error.message] }
  const { code, message, stack } = error as NodeJS.ErrnoException
  // A TypeError's code is of Node's own checks: a bug, not the user's disk.
  const fromSystem = code !== undefined && /^E[A-Z]+$/.test(code)
  return { exitCode: ExitCode.failure, lines: [fromSystem ? message : (stack ?? String(error))] }
}

function reportProblem(refusal: ApiError, documents: Documents | null): Report {
  const { problem } = refusal
  const hint = problem.status === 401 ? ['no token, or one that is not valid here: see `fairlead config view`'] : []
  const errors = (problem.errors ?? []).map((error) => describeError(error, documents))
  const request = problem.status >= 500 && problem.requestId ? [`request id ${problem.requestId}`] : []
  const title = problem.detail ?? problem.title
  return {
    exitCode: exitCodeOfStatus(problem.status),
    lines: [...errors, ...(errors.length ? [] : [title]), ...hint, ...request],
  }
}

/** `canary.yaml:3:11: spec.http[0].route[1].weight: expected ...` */
function describeError(error: ProblemError, documents: Documents | null): string {
  const place = documents === null ? '' : placeOf(error, documents)
  const object = error.kind && error.name ? `${error.kind}/${error.name}` : ''
  // With a line the object is in sight; without one it has to be named.
  const where = error.line === undefined || place === '' ? [place, object] : [place]
  return [...where, error.path, error.message].filter((part) => part !== '').join(': ')
}
