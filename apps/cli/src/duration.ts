import { InvalidArgumentError } from 'commander'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30s`, `5m`, `1h30m`, `250ms`, `7d` in milliseconds. @throws InvalidArgumentError: commander's usage error. */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    throw new InvalidArgumentError(`expected a duration like 30s, 5m or 1h30m`)
  }
  let totalMs = 0
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    totalMs += Number(count) * (UNIT_MS[unit ?? ''] ?? 0)
  return totalMs
}
