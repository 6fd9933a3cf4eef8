/** Connection lost or refused, server stopping, out of connections, lock waited for too long, statement cancelled. */
const passing = /^(08\w{3}|53\w{3}|57P0\d|57014|55P03|40001|40P01|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/

/** Whether a failure of the database is likely to pass, so that the same request may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, driverError } = error as { code?: unknown; driverError?: unknown }
  if (typeof code === 'string' && passing.test(code)) return true
  if (driverError !== undefined && driverError !== error && isUnavailable(driverError)) return true
  // `pg` gives these no code.
  return /^(Connection terminated|timeout exceeded when trying to connect|timeout expired)/.test(error.message)
}
