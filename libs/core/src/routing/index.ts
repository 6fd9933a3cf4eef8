export * from './request-view.js'
