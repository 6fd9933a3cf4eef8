import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ApiTokenGuard } from './api-token.guard.js'
import { FirstTokens } from './first-tokens.js'
import { JoinTokens } from './join-grant.js'
import { StoredJoinTokens } from './stored-join-tokens.js'
import { TokenArchive } from './token-archive.js'
import { TokensController } from './tokens.controller.js'
import { Tokens } from './tokens.js'
import { TokensRepository } from './tokens.repository.js'

/** Who may come in: API tokens at the REST API, join tokens at the agents' stream. */
@Module({
  controllers: [TokensController],
  providers: [
    TokensRepository,
    Tokens,
    TokenArchive,
    FirstTokens,
    { provide: JoinTokens, useClass: StoredJoinTokens },
    { provide: APP_GUARD, useClass: ApiTokenGuard },
  ],
  exports: [JoinTokens, TokenArchive, FirstTokens],
})
export class AccessModule {}
