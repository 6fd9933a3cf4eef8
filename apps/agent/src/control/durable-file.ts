import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces a file so that a crash at any instant leaves the old content or the new one, whole: written aside, flushed,
 * renamed, and the folder flushed, without which the rename itself may be lost in a power cut. One writer at a time:
 * the temporary name is fixed, so that a crash leaves at most one file behind.
 */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const aside = `${path}.tmp`
  const file = await open(aside, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
  await flushFolder(dirname(path))
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
