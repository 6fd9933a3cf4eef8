export const RECONNECT_MIN_MS = 100
export const RECONNECT_MAX_MS = 5_000

/**
 * How long to wait before try number `attempt` (from 0): doubled each time up to the maximum, and between half and the
 * whole of that, so that agents which lost a controller at one time do not come back at one time.
 */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(attempt, 16))
  return whole * (0.5 + random / 2)
}
