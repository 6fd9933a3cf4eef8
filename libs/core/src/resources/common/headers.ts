import type * as z from 'zod'
import { enforced, message, type StateNote } from './field.js'
import { list, map, text } from './scalar.js'

const values = (value: unknown): readonly (StateNote & { readonly path: readonly string[] })[] =>
  Object.entries(value as Record<string, unknown>)
    .filter(([, text]) => typeof text === 'string' && hasOperator(text))
    .map(([name]) => ({
      path: [name],
      state: 'pending',
      reason: 'Envoy operators (%...%) in header values are not enforced by this version; write %% for a percent sign',
    }))

export const headerOperations = message('HeaderOperations', {
  set: enforced(map(text()), 'Overwrites, or adds. `host` or `:authority` in a request rewrites the authority.', {
    inspect: values,
  }),
  add: enforced(map(text()), 'Appends: the new value stands beside the old one.', { inspect: values }),
  remove: enforced(list(text()), 'Names of headers to drop. `host` and `:`-headers cannot be removed.'),
})
export type HeaderOperations = z.output<typeof headerOperations>

export const headers = message('Headers', {
  request: enforced(headerOperations, 'Before the request is sent to the destination.'),
  response: enforced(headerOperations, 'Before the response is returned to the caller.'),
})
export type Headers = z.output<typeof headers>

/** `%%` stands for a percent sign; any other `%...%` is one of Envoy's command operators. */
function hasOperator(value: string): boolean {
  return value.replaceAll('%%', '').includes('%')
}
