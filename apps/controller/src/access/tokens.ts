import { Injectable } from '@nestjs/common'
import { Problem } from '../problem/problem.js'
import { hashSecret, isSecret, newSecret, publicPrefix, sameHash, type TokenType } from './secret.js'
import type { HashedToken, Token } from './token.js'
import { TokensRepository } from './tokens.repository.js'

/** `lastUsedAt` is for finding forgotten tokens: to the minute, so that a request rarely writes. */
const useGrainMs = 60_000

export interface NewToken {
  readonly name: string
  readonly type: TokenType
  readonly namespace?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Without it the token does not expire. */
  readonly ttlSeconds?: number | undefined
}

/** Makes, lists, checks and revokes tokens. Only hashes are stored. */
@Injectable()
export class Tokens {
  constructor(private readonly repository: TokensRepository) {}

  list(): Promise<Token[]> {
    return this.repository.list()
  }

  /** The secret is in this answer and nowhere else. @throws Problem conflict */
  async create(request: NewToken): Promise<{ token: Token; secret: string }> {
    if (request.type === 'api' && (request.namespace !== undefined || request.labels !== undefined)) {
      const errors = [
        { path: 'namespace', message: 'only join tokens have a namespace and labels', code: 'not-allowed' },
      ]
      throw new Problem('invalid', 'An API token is not bound to a namespace.', { errors })
    }
    const secret = newSecret(request.type)
    const token = hashedToken(request, secret)
    if (!(await this.repository.insert(token))) {
      throw new Problem('conflict', `There is a token "${request.name}" already.`)
    }
    return { token, secret }
  }

  /** Takes effect with the next request. @throws Problem not-found */
  async revoke(name: string): Promise<Token> {
    const token = await this.repository.delete(name)
    if (token === null) throw new Problem('not-found', `There is no token "${name}".`)
    return token
  }

  /** The unexpired, unrevoked token with this secret; null for any other string. */
  async verify(type: TokenType, secret: string): Promise<Token | null> {
    if (!isSecret(type, secret)) return null
    const hash = hashSecret(secret)
    const now = new Date()
    const candidates = await this.repository.byPrefix(type, publicPrefix(type, secret))
    const token = candidates.find((candidate) => sameHash(candidate.hash, hash))
    if (token === undefined || (token.expiresAt !== null && token.expiresAt <= now)) return null
    const notedAfter = new Date(now.getTime() - useGrainMs)
    if (token.lastUsedAt === null || token.lastUsedAt < notedAfter) {
      await this.repository.used(token.name, now, notedAfter)
    }
    return token
  }
}

export function hashedToken(request: NewToken, secret: string): HashedToken {
  const createdAt = new Date()
  return {
    name: request.name,
    type: request.type,
    prefix: publicPrefix(request.type, secret),
    hash: hashSecret(secret),
    namespace: request.type === 'join' ? (request.namespace ?? 'default') : null,
    labels: request.labels ?? null,
    createdAt,
    expiresAt: request.ttlSeconds === undefined ? null : new Date(createdAt.getTime() + request.ttlSeconds * 1000),
    lastUsedAt: null,
  }
}
