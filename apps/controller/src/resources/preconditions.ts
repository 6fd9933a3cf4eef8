import type { Request } from 'express'
import { Problem } from '../problem/problem.js'
import type { Expectation } from '../revisions/commit-plan.js'

/** What If-Match and If-None-Match ask of a write (RFC 9110 13.1); undefined: nothing. @throws Problem bad-request */
export function precondition(request: Request): Expectation | undefined {
  const otherwise = 'precondition-failed'
  const ifMatch = request.headers['if-match']
  const ifNoneMatch = request.headers['if-none-match']
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*' || ifMatch !== undefined) {
      throw new Problem(
        'bad-request',
        'A write takes If-Match: "<resourceVersion>" or If-None-Match: *, one of the two.',
      )
    }
    return { state: 'absent', otherwise }
  }
  if (ifMatch === undefined) return undefined
  if (ifMatch.trim() === '*') return { state: 'present', otherwise }
  const tag = /^"(\d+)"$/.exec(ifMatch.trim())
  // A tag that we never gave matches nothing.
  return { state: { resourceVersion: tag?.[1] ?? ifMatch.trim() }, otherwise }
}

/** Whether If-None-Match of a GET names this version: then 304. */
export function notModified(request: Request, resourceVersion: string): boolean {
  const tags = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags !== undefined && (tags.includes('*') || tags.includes(`"${resourceVersion}"`))
}
