export * from './resource.js'
export * from './finding.js'
