import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common'
import type { Request } from 'express'

/** Who sent a request; its name is the author of what it writes. */
export interface CallerIdentity {
  readonly tokenName: string
}

const callers = new WeakMap<Request, CallerIdentity>()

export function admit(request: Request, caller: CallerIdentity): void {
  callers.set(request, caller)
}

/** The admitted caller of this request, as a parameter of a controller's method. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): CallerIdentity => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>())
  if (caller === undefined) throw new Error('a method that asks for its caller must not be @Open()')
  return caller
})

export const openKey = 'fairlead:open'

/** Answers without a token. Whatever does not carry this asks for one. */
export const Open = () => SetMetadata(openKey, true)
