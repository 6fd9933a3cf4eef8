export * from './gen/fairlead/agent/v1/config.js'
