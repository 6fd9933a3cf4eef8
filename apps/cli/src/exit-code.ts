/** What a script can rely on; 1 is any other failure. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 4,
  conflict: 5,
  denied: 6,
  unreachable: 7,
  timeout: 8,
  invalidInput: 65,
} as const

/** @returns the exit code for an HTTP status of 400 and above. */
export function exitCodeOfStatus(status: number): number {
  switch (status) {
    case 401:
    case 403:
      return ExitCode.denied
    case 404:
    case 410:
      return ExitCode.notFound
    case 409:
    case 412:
      return ExitCode.conflict
    case 400:
    case 413:
    case 415:
    case 422:
      return ExitCode.invalidInput
    case 504:
      return ExitCode.timeout
    default:
      return ExitCode.failure
  }
}
