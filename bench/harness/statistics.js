export function median(values) {
  return quantile(values, 0.5)
}

/** Linear between the two nearest values. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below)
}

/** `median (first quartile-third quartile)`. */
export function spread(values, digits = 2) {
  const text = (share) => quantile(values, share).toFixed(digits)
  return `${text(0.5)} (${text(0.25)}-${text(0.75)})`
}
