import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export type TokenType = 'api' | 'join'

/** A token as its bearer holds it: `fl_api_` or `fl_join_` and 43 characters of base64url, 256 random bits. */
export function newSecret(type: TokenType): string {
  return `fl_${type}_${randomBytes(32).toString('base64url')}`
}

export function isSecret(type: TokenType, text: string): boolean {
  return new RegExp(`^fl_${type}_[A-Za-z0-9_-]{43}$`).test(text)
}

/** What a token is found by: 48 of its bits, which may be seen; the other 208 are compared in constant time. */
export function publicPrefix(type: TokenType, secret: string): string {
  return secret.slice(0, `fl_${type}_`.length + 8)
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares two SHA-256 hashes in hex without telling by its duration where they differ. */
export function sameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
}
