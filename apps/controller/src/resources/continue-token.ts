import { z } from 'zod'
import { Problem } from '../problem/problem.js'

const Place = z.strictObject({ revision: z.int().min(0), after: z.string() })

/** Where the next page begins: behind the key `after`, in the state of the first page's revision. */
export type Place = z.output<typeof Place>

export function encodePlace(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** @throws Problem bad-request for what we did not give */
export function decodePlace(token: string): Place {
  try {
    return Place.parse(JSON.parse(Buffer.from(token, 'base64url').toString()))
  } catch {
    throw new Problem('bad-request', 'The continue token is not one of ours.', {
      errors: [{ path: 'continue', message: 'expected metadata.continue of the page before', code: 'continue' }],
    })
  }
}
