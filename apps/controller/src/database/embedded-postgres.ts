import { fsyncSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/**
 * An embedded PostgreSQL in `folder`, or in memory when there is none (tests), where it may begin with a dumped data
 * folder. Takes seconds the first time, since it runs initdb, and a third of one later.
 */
export async function startEmbeddedPostgres(folder: string | null, template?: Blob): Promise<PGlite> {
  if (folder === null) return PGlite.create(template === undefined ? {} : { loadDataDir: template })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return PGlite.create({ fs: new DurableFs(folder), startParams: durableParams(), relaxedDurability: false })
}

/**
 * PGlite starts PostgreSQL with `-F` (no fsync), and its file system has no fsync to call: what COMMIT acknowledged
 * would survive a killed process, whose pages the kernel keeps, but not a power cut. Here PostgreSQL syncs its log
 * before it acknowledges, and its data files at checkpoints, as a server does.
 */
function durableParams(): string[] {
  const params = PGlite.defaultStartParams.filter((param) => param !== '-F')
  return [...params, '-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'wal_sync_method=fsync']
}

class DurableFs extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...args)
    const addSync = (module: object): void => {
      const { stream_ops } = (module as EmscriptenModule).NODEFS
      stream_ops.fsync = (stream) => {
        fsyncSync(stream.nfd)
        return 0
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [addSync, ...(emscriptenOpts.preRun ?? [])] } }
  }
}

/** What we use of Emscripten's file system over Node's: `nfd` is the descriptor behind an open stream. */
interface EmscriptenModule {
  readonly NODEFS: { readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number } }
}
