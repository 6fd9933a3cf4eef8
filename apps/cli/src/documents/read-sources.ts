import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { CommandFailure } from '../command-failure.js'
import { ExitCode } from '../exit-code.js'
import { joinFiles, type Documents, type SourceFile } from './source-map.js'

export interface SourceOptions {
  /** Files, folders or `-`. */
  readonly filename: readonly string[]
  /** Into folders of folders. */
  readonly recursive?: boolean
}

const RESOURCE_FILE = /\.(ya?ml|json)$/

/** Reads `-f`: files as they are, a folder's *.yaml, *.yml and *.json in order of name. @throws CommandFailure */
export async function readSources(options: SourceOptions, stdin: Readable): Promise<Documents> {
  const sources: SourceFile[] = []
  for (const name of options.filename) {
    if (name === '-') sources.push({ name: '<stdin>', text: await readAll(stdin) })
    else
      for (const file of findFiles(name, options.recursive ?? false)) sources.push({ name: file, text: readText(file) })
  }
  if (sources.every(({ text }) => text.trim() === '')) {
    throw new CommandFailure(ExitCode.invalidInput, `nothing to read in ${options.filename.join(', ')}`)
  }
  return joinFiles(sources)
}

function findFiles(name: string, recursive: boolean): string[] {
  if (/^https?:\/\//.test(name)) {
    throw new CommandFailure(ExitCode.usage, `${name}: URLs are not read; pipe them: curl ... | fairlead ... -f -`)
  }
  const found = statSync(name, { throwIfNoEntry: false })
  if (found === undefined) throw new CommandFailure(ExitCode.invalidInput, `${name}: no such file or folder`)
  if (!found.isDirectory()) return [name]
  const files = readdirSync(name, { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() && RESOURCE_FILE.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
  if (files.length === 0) throw new CommandFailure(ExitCode.invalidInput, `${name}: no *.yaml, *.yml or *.json in it`)
  return files
}

function readText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new CommandFailure(ExitCode.invalidInput, `${file}: ${(error as Error).message}`)
  }
  return decode(bytes, file)
}

async function readAll(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array | string))
  return decode(Buffer.concat(chunks), '<stdin>')
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CommandFailure(ExitCode.invalidInput, `${name}: is not UTF-8 text`)
  }
}
