import { DEFAULT_LIMITS, type Limits } from '../limits/limits.js'

/** The bounds that the HTTP/1.1 codec holds itself; what each means is said in the list of all limits. */
export type Http1Limits = Pick<
  Limits,
  | 'requestsMax'
  | 'headBytes'
  | 'fieldsMax'
  | 'connectionOptionsMax'
  | 'targetBytes'
  | 'methodBytes'
  | 'trailerBytes'
  | 'trailerFieldsMax'
  | 'chunkExtensionBytes'
  | 'informationalMax'
  | 'firstByteMs'
  | 'headMs'
  | 'bodyIdleMs'
  | 'bodyIdleBytes'
  | 'streamIdleMs'
  | 'keepAliveMs'
  | 'writeStallMs'
  | 'writeStallBytes'
  | 'drainBytes'
  | 'drainMs'
  | 'drainIdleMs'
  | 'lingerMs'
>

export const DEFAULT_HTTP1_LIMITS: Http1Limits = DEFAULT_LIMITS
