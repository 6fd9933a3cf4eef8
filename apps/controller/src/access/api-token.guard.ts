import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { Request } from 'express'
import { Problem } from '../problem/problem.js'
import { admit, openKey } from './caller.js'
import { Tokens } from './tokens.js'

/** Stands before every route: without `@Open()` a request needs a valid API token. Runs before a body is read. */
@Injectable()
export class ApiTokenGuard implements CanActivate {
  constructor(
    private readonly tokens: Tokens,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(openKey, [context.getHandler(), context.getClass()])) return true
    const request = context.switchToHttp().getRequest<Request>()
    const secret = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (secret === undefined) throw unauthorized('Send the header Authorization: Bearer <API token>.')
    const token = await this.tokens.verify('api', secret)
    if (token === null) throw unauthorized('The token is unknown, expired or revoked, or it is not an API token.')
    admit(request, { tokenName: token.name })
    return true
  }
}

function unauthorized(detail: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer realm="fairlead"' } })
}
