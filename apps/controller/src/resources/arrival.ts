import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { Request, Response } from 'express'
import { type CallerIdentity, callerOf } from '../access/caller.js'

/** What a service needs of a request besides its body. Answers may set status and headers; Nest sends the body. */
export interface Arrival<Path> {
  readonly path: Path
  readonly query: unknown
  readonly caller: CallerIdentity
  readonly request: Request
  readonly response: Response
}

/** The request, as a parameter of a controller's method. The group, literal in the routes, joins the path parameters. */
export const Arrived = createParamDecorator((_: unknown, context: ExecutionContext): Arrival<object> => {
  const http = context.switchToHttp()
  const request = http.getRequest<Request>()
  return {
    path: { ...request.params, group: request.path.split('/')[2] },
    query: request.query,
    caller: callerOf(request),
    request,
    response: http.getResponse<Response>(),
  }
})
