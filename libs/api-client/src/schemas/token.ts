import { z } from 'zod'
import { Labels, ListMeta, NamespaceName, ObjectName } from './resource.js'

export const TokenType = z.enum(['api', 'join'])

/** A credential's record. The secret itself is shown once, in the answer to its creation, and stored hashed. */
export const Token = z
  .object({
    apiVersion: z.literal('fairlead.io/v1'),
    kind: z.literal('Token'),
    metadata: z.object({ name: z.string(), creationTimestamp: z.string() }),
    type: TokenType,
    namespace: z.string().optional().meta({ description: 'Join tokens: the namespace that a bearer may claim' }),
    labels: Labels.optional().meta({ description: 'Join tokens: labels that a bearer must claim' }),
    expiresAt: z.string().nullable().optional(),
    lastUsedAt: z.string().nullable().optional(),
  })
  .meta({ id: 'Token' })
export type Token = z.infer<typeof Token>

export const TokenList = z
  .object({
    apiVersion: z.literal('fairlead.io/v1'),
    kind: z.literal('TokenList'),
    metadata: ListMeta.optional(),
    items: z.array(Token),
  })
  .meta({ id: 'TokenList' })
export type TokenList = z.infer<typeof TokenList>

export const NewToken = z
  .strictObject({
    name: ObjectName,
    type: TokenType,
    namespace: NamespaceName.optional(),
    labels: Labels.optional(),
    ttlSeconds: z.int().min(1).optional().meta({ description: 'Without it the token does not expire' }),
  })
  .meta({ id: 'NewToken', examples: [{ name: 'web-hosts', type: 'join', namespace: 'web', labels: { app: 'web' } }] })
export type NewToken = z.infer<typeof NewToken>

export const CreatedToken = Token.extend({
  token: z.string().meta({ description: 'The secret; never shown again' }),
}).meta({ id: 'CreatedToken' })
export type CreatedToken = z.infer<typeof CreatedToken>
