import { Controller, Delete, Get, Param, Post } from '@nestjs/common'
import { type CreatedToken, NewToken, type Token as TokenObject, type TokenList } from '@fairlead/api-client'
import { parseJson } from '../problem/parse.js'
import { Body, type RequestBody } from './request-body.js'
import type { Token } from './token.js'
import { Tokens } from './tokens.js'

/** `/apis/fairlead.io/v1/tokens` */
@Controller('apis/fairlead.io/v1/tokens')
export class TokensController {
  constructor(private readonly tokens: Tokens) {}

  @Get()
  async list(): Promise<TokenList> {
    return { apiVersion: 'fairlead.io/v1', kind: 'TokenList', items: (await this.tokens.list()).map(toObject) }
  }

  @Post()
  async create(@Body(['application/json']) body: RequestBody): Promise<CreatedToken> {
    const { token, secret } = await this.tokens.create(parseJson(NewToken, body.text))
    return { ...toObject(token), token: secret }
  }

  @Delete(':name')
  async revoke(@Param('name') name: string): Promise<TokenObject> {
    return toObject(await this.tokens.revoke(name))
  }
}

function toObject(token: Token): TokenObject {
  return {
    apiVersion: 'fairlead.io/v1',
    kind: 'Token',
    metadata: { name: token.name, creationTimestamp: token.createdAt.toISOString() },
    type: token.type,
    ...(token.namespace === null ? {} : { namespace: token.namespace }),
    ...(token.labels === null ? {} : { labels: { ...token.labels } }),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  }
}
