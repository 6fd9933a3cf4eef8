import type { z } from 'zod'

/** One operation of the REST API: what the controller documents, and what the client calls. */
export interface Route {
  readonly operationId: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{name}` for each path parameter. */
  readonly path: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly params?: z.ZodObject
  /** As they arrive in a URL: strings in, parsed values out. */
  readonly query?: z.ZodObject
  readonly body?: { readonly contentTypes: readonly string[]; readonly schema: z.ZodType }
  /** The usual one first. */
  readonly success: readonly number[]
  /** null: the answer is bytes or text that no schema describes. */
  readonly response: z.ZodType | null
  /** Of the answer; the default first. */
  readonly contentTypes: readonly string[]
  /** Statuses answered with a Problem. */
  readonly errors: readonly number[]
  /** True: no token is asked for. */
  readonly open?: boolean
}

/** @returns the path with its parameters filled in and escaped. @throws RangeError when one is missing. */
export function fillPath(template: string, params: Readonly<Record<string, string | number>> = {}): string {
  return template.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined || value === '') throw new RangeError(`path parameter ${name} is missing in ${template}`)
    return encodeURIComponent(value)
  })
}
