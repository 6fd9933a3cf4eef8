import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common'
import type { Request, Response } from 'express'
import { Problem, type ProblemCode } from './problem.js'
import { requestIdOf } from './request-id.js'
import { isUnavailable } from './unavailable.js'

/** The one place where an error becomes a response (RFC 9457). What is no Problem says nothing of itself to the client. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger('problem')

  /** @param methodsAt the methods that a path takes, to tell 405 from 404 */
  constructor(private readonly methodsAt: (path: string) => readonly string[]) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>()
    const response = host.switchToHttp().getResponse<Response>()
    const problem = this.#problemOf(error, request)
    const requestId = requestIdOf(response)
    if (problem.status >= 500) {
      this.#log.error({ requestId, method: request.method, path: request.path, err: problem.cause ?? problem })
    }
    if (response.headersSent || response.destroyed) {
      // Too late for an answer: a broken connection is the only honest sign.
      response.destroy()
      return
    }
    response.status(problem.status).set(problem.headers).type('application/problem+json')
    response.send(JSON.stringify(render(problem, request.path, requestId)))
  }

  #problemOf(error: unknown, request: Request): Problem {
    if (error instanceof Problem) return error
    if (error instanceof HttpException) return this.#fromNest(error, request)
    if (error instanceof URIError) return new Problem('bad-request', 'The path is not correctly percent-encoded.')
    if (isUnavailable(error)) {
      return new Problem('unavailable', 'The database does not answer now. Try again.', {
        headers: { 'Retry-After': '1' },
        cause: error,
      })
    }
    return new Problem('internal', 'Something went wrong here. The log has it under this requestId.', { cause: error })
  }

  /** Nest itself throws when no route matches, or Express finds the path malformed. */
  #fromNest(error: HttpException, request: Request): Problem {
    if (error.getStatus() === 404) {
      const methods = this.methodsAt(request.path)
      if (methods.length === 0) return new Problem('not-found', `There is nothing at ${request.path}.`)
      const allow = methods.join(', ')
      return new Problem('method-not-allowed', `${request.path} takes ${allow}.`, { headers: { Allow: allow } })
    }
    const code: ProblemCode = error.getStatus() < 500 ? 'bad-request' : 'internal'
    return new Problem(code, code === 'internal' ? 'Something went wrong here.' : 'The request cannot be read.', {
      cause: error,
    })
  }
}

function render(problem: Problem, instance: string, requestId: string): object {
  return {
    type: `/problems/${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    instance,
    code: problem.code,
    requestId,
    ...(problem.errors.length === 0 ? {} : { errors: problem.errors }),
  }
}
