import type { z } from 'zod'
import { parse } from '../problem/parse.js'

/** Query parameters of a route. One that it does not know is refused: a mistyped `dryRun` must not become a write. */
export function parseQuery<S extends z.ZodObject>(schema: S, query: unknown): z.output<S> {
  return parse(schema.strict(), { ...(query as object) }, 'bad-request', 'A query parameter is wrong.') as z.output<S>
}
