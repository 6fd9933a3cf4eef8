import { Problem } from '../problem/problem.js'

/**
 * Refuses what PostgreSQL cannot keep in text and jsonb: U+0000 and unpaired surrogates. Found here, they are a bad
 * field with its path; found by the database, they would be a failure of the server.
 * @throws Problem invalid
 */
export function checkStorable(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) refuse(path, 'contains the character U+0000')
    if (/\p{Surrogate}/u.test(value)) refuse(path, 'contains half of a surrogate pair')
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => checkStorable(item, `${path}[${index}]`))
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkStorable(key, path)
      checkStorable(item, path === '' ? key : `${path}.${key}`)
    }
  }
}

function refuse(path: string, message: string): never {
  throw new Problem('invalid', `${path}: ${message}.`, { errors: [{ path, message, code: 'character' }] })
}
