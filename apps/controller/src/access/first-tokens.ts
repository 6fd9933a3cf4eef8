import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common'
import { controllerFolder, type Settings, SETTINGS } from '../settings/settings.js'
import { isSecret, newSecret, type TokenType } from './secret.js'
import { hashedToken } from './tokens.js'
import { TokensRepository } from './tokens.repository.js'

/** Names of the first tokens. The API token's is the author of what it writes. */
const names = { api: 'admin', join: 'join' } as const satisfies Record<TokenType, string>

/**
 * Sees to it that somebody can come in: a token given by environment or file holds from this start on; without one the
 * first start makes one and leaves it in the state folder, for this host's CLI and agents.
 */
@Injectable()
export class FirstTokens implements OnModuleInit {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly repository: TokensRepository,
  ) {}

  /** Where the first token of a type lies; null: it came by environment. */
  fileOf(type: TokenType): string | null {
    const { apiToken, apiTokenFile, joinToken, joinTokenFile } = this.settings
    const [given, file] = type === 'api' ? [apiToken, apiTokenFile] : [joinToken, joinTokenFile]
    return given !== null ? null : (file ?? join(controllerFolder(this.settings), `${type}-token`))
  }

  async onModuleInit(): Promise<void> {
    await this.#ensure('api', this.settings.apiToken, this.settings.apiTokenFile)
    await this.#ensure('join', this.settings.joinToken, this.settings.joinTokenFile)
  }

  async #ensure(type: TokenType, given: string | null, givenFile: string | null): Promise<void> {
    const secret = given ?? (givenFile === null ? null : (await readFile(givenFile, 'utf8')).trim())
    if (secret !== null) {
      if (!isSecret(type, secret)) {
        throw new Error(
          `the ${type} token given by ${given === null ? givenFile : 'environment'} must be ` +
            `fl_${type}_ and 43 characters of A-Z a-z 0-9 - _ (32 random bytes in base64url)`,
        )
      }
      await this.#keep(type, secret)
    } else if (!(await this.repository.has(type))) {
      await this.#keep(type, await this.#fromStateFolder(type))
    }
  }

  async #keep(type: TokenType, secret: string): Promise<void> {
    const token = hashedToken({ name: names[type], type }, secret)
    const known = await this.repository.byPrefix(type, token.prefix)
    if (!known.some(({ hash }) => hash === token.hash)) await this.repository.put(token)
  }

  /** The file outlives a database, and is written before the row: a crash between the two leaves nothing to repair. */
  async #fromStateFolder(type: TokenType): Promise<string> {
    const folder = controllerFolder(this.settings)
    const path = join(folder, `${type}-token`)
    const kept = await readFile(path, 'utf8').catch(() => '')
    if (isSecret(type, kept.trim())) return kept.trim()
    const secret = newSecret(type)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = await open(path, 'w', 0o600)
    try {
      await file.chmod(0o600)
      await file.writeFile(`${secret}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    return secret
  }
}
