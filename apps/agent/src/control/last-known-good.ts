import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { deserializeSnapshot, serializeSnapshot, type Snapshot } from '@fairlead/core/snapshot'
import { writeDurably } from './durable-file.js'

export type Loaded =
  | { readonly kind: 'found'; readonly snapshot: Snapshot }
  | { readonly kind: 'none' }
  /** The file was not what was once written; it now rests at `setAside`, for people to look at. */
  | { readonly kind: 'corrupt'; readonly reason: string; readonly setAside: string }

/** The snapshot that this agent applied last, on disk, so that it can start while the controller is away. */
export class LastKnownGood {
  readonly #path: string

  constructor(folder: string) {
    this.#path = join(folder, 'snapshot')
  }

  /** Rejects only where the file is there and cannot be read. */
  async load(): Promise<Loaded> {
    const bytes = await readIfThere(this.#path)
    if (bytes === null) return { kind: 'none' }
    try {
      return { kind: 'found', snapshot: deserializeSnapshot(bytes) }
    } catch (error) {
      const setAside = `${this.#path}.corrupt`
      await rename(this.#path, setAside)
      return { kind: 'corrupt', reason: (error as Error).message, setAside }
    }
  }

  /** Durable when it resolves. Calls must not overlap. */
  save(snapshot: Snapshot): Promise<void> {
    return writeDurably(this.#path, serializeSnapshot(snapshot))
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
