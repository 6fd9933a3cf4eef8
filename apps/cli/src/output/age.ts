const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** As kubectl: one unit where it says enough, two where it does not. `-` when there is no time. */
export function formatAge(timestamp: string | null | undefined, nowMs: number): string {
  const then = Date.parse(timestamp ?? '')
  if (Number.isNaN(then)) return '-'
  const age = Math.max(0, nowMs - then)
  if (age < 2 * MINUTE_MS) return `${Math.floor(age / SECOND_MS)}s`
  if (age < 10 * MINUTE_MS) return twoUnits(age, MINUTE_MS, 'm', SECOND_MS, 's')
  if (age < 3 * HOUR_MS) return `${Math.floor(age / MINUTE_MS)}m`
  if (age < 8 * HOUR_MS) return twoUnits(age, HOUR_MS, 'h', MINUTE_MS, 'm')
  if (age < 2 * DAY_MS) return `${Math.floor(age / HOUR_MS)}h`
  if (age < 8 * DAY_MS) return twoUnits(age, DAY_MS, 'd', HOUR_MS, 'h')
  return `${Math.floor(age / DAY_MS)}d`
}

function twoUnits(age: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((age % big) / small)
  return `${Math.floor(age / big)}${bigName}${rest === 0 ? '' : `${rest}${smallName}`}`
}
