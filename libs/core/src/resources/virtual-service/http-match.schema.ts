import type * as z from 'zod'
import { enforced, message, pending, type StateNote } from '../common/field.js'
import { flag, list, map, port, text } from '../common/scalar.js'
import { stringMatch } from '../common/string-match.js'

const claims = (value: unknown): readonly (StateNote & { readonly path: readonly string[] })[] =>
  Object.keys(value as object)
    .filter((name) => name.startsWith('@request.auth.'))
    .map((name) => ({
      path: [name],
      state: 'pending',
      reason: 'matching on JWT claims is not enforced by this version',
    }))

/** All conditions of one entry must hold. */
export const httpMatchRequest = message('HTTPMatchRequest', {
  name: enforced(text(), "Appended to the route's name, as `route-match`."),
  uri: enforced(stringMatch, 'The path without the query. `prefix` is a raw prefix: `/foo` matches `/foobar`.'),
  scheme: enforced(stringMatch, 'The scheme of the request: http or https.'),
  method: enforced(stringMatch, 'The method, case-sensitive.'),
  authority: enforced(stringMatch, 'The authority (Host), case-sensitive.'),
  headers: enforced(
    map(stringMatch),
    'By header name, in any case; `{}` asks for presence. `uri`, `scheme`, `method`, `authority` as names are ignored.',
    { inspect: claims },
  ),
  port: enforced(port(), 'The service port that the request was sent to. Decided when the config is built.'),
  sourceLabels: enforced(
    map(text()),
    'Labels of the client workload. Decided when the config is built; not looked at where `gateways` is set.',
  ),
  gateways: enforced(list(text()), "Overrides the resource's `gateways` for this match."),
  queryParams: enforced(map(stringMatch), 'By parameter name; `{}` asks for presence. Nothing is decoded.'),
  ignoreUriCase: enforced(flag(), 'Compares exact and prefix uri without case.', { default: false }),
  withoutHeaders: enforced(
    map(stringMatch),
    'As `headers`, but must not match. A missing header counts as the empty string, but for the presence form.',
    { inspect: claims },
  ),
  sourceNamespace: enforced(text(), 'Namespace of the client workload. Decided when the config is built.'),
  statPrefix: pending(text(), 'Prefix of statistics for this route.'),
})
export type HTTPMatchRequest = z.output<typeof httpMatchRequest>
