export type Labels = Readonly<Record<string, string>>

/** Whether all labels of the selector are there. A selector without labels matches everything. */
export function matchesLabels(selector: Labels | undefined, labels: Labels): boolean {
  if (selector === undefined) return true
  return Object.entries(selector).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)
}
