import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'

const header = 'X-Request-Id'

/** Express middleware: every answer carries the id by which the log knows it; a caller's own id is kept. */
export function requestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id']
  response.setHeader(header, typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID())
  next()
}

export function requestIdOf(response: Response): string {
  return String(response.getHeader(header) ?? '')
}
