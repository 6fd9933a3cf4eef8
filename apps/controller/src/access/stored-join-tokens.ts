import { Injectable } from '@nestjs/common'
import { type JoinGrant, JoinTokens } from './join-grant.js'
import { Tokens } from './tokens.js'

/** `JoinTokens` over the table of tokens. */
@Injectable()
export class StoredJoinTokens extends JoinTokens {
  constructor(private readonly tokens: Tokens) {
    super()
  }

  override async verify(secret: string): Promise<JoinGrant | null> {
    const token = await this.tokens.verify('join', secret)
    if (token === null) return null
    return { tokenName: token.name, namespace: token.namespace ?? 'default', labels: token.labels }
  }
}
