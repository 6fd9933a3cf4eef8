import { setTimeout as delay } from 'node:timers/promises'

/**
 * Resolves with the first value of `probe` that is neither false, null nor undefined. A throwing probe counts as "not
 * yet". Rejects after `timeoutMs` with what was awaited and the probe's last error.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value !== false && value !== null && value !== undefined) return value as Exclude<T, false | null | undefined>
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what}`, { cause: last })
    await delay(10)
  }
}
