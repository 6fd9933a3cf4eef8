import { SetMetadata } from '@nestjs/common'
import type { Request } from 'express'

/** Who sent a request; its name is the author of what it writes. */
export interface CallerIdentity {
  readonly tokenName: string
}

const callers = new WeakMap<Request, CallerIdentity>()

export function admit(request: Request, caller: CallerIdentity): void {
  callers.set(request, caller)
}

/** Who was admitted with this request. Routes that are open have no caller and must not ask. */
export function callerOf(request: Request): CallerIdentity {
  const caller = callers.get(request)
  if (caller === undefined) throw new Error('a route that asks for its caller must not be @Open()')
  return caller
}

export const openKey = 'fairlead:open'

/** Answers without a token. Whatever does not carry this asks for one. */
export const Open = () => SetMetadata(openKey, true)
