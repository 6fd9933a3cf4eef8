export * from './version.js'
export * from './part.js'
export * from './snapshot.js'
