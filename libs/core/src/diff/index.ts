export * from './change.js'
export { diffResources, type Resources } from './diff.js'
export { applyChanges } from './apply-changes.js'
export { formatDiff } from './format-diff.js'
