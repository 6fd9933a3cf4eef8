/** What a join token allows its bearer to claim. */
export interface JoinGrant {
  readonly tokenName: string
  /** The namespace that an agent may claim. */
  readonly namespace: string
  /** The agent's labels must include these; null: any labels. */
  readonly labels: Readonly<Record<string, string>> | null
}

/** Known to `fleet`, which admits agents. */
export abstract class JoinTokens {
  /** The grant of an unexpired, unrevoked token; null for any other string. Constant-time on the secret. */
  abstract verify(token: string): Promise<JoinGrant | null>
}
