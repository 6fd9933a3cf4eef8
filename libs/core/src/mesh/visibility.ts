/**
 * Whether a resource of `owner` is visible in `namespace` (S64): `*` all, `.` the own, `~` nobody, else names. Absent or
 * empty means `*`.
 */
export function isExportedTo(exportTo: readonly string[] | undefined, owner: string, namespace: string): boolean {
  return exportSet(exportTo, owner).some((target) => target === '*' || target === namespace)
}

/** The targets with `.` written out; `~` is a name that no namespace has. */
export function exportSet(exportTo: readonly string[] | undefined, owner: string): readonly string[] {
  if (exportTo === undefined || exportTo.length === 0) return ['*']
  return exportTo.map((target) => (target === '.' ? owner : target))
}
