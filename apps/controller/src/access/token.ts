import type { TokenType } from './secret.js'

/** A credential without its secret. */
export interface Token {
  readonly name: string
  readonly type: TokenType
  readonly namespace: string | null
  readonly labels: Readonly<Record<string, string>> | null
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
}

/** A credential as export and import carry it: the hash lets its bearers go on, and gives nobody the secret. */
export interface HashedToken extends Token {
  readonly prefix: string
  readonly hash: string
}
