import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Injectable } from '@nestjs/common'
import type { Request, Response } from 'express'
import { checkContentType } from '../access/request-body.js'
import { Problem } from '../problem/problem.js'
import { readArchive } from '../revisions/archive-format.js'
import { Archive, type ImportCounts } from '../revisions/archive.js'

const contentType = 'application/x-ndjson'

/** An import is checked as a whole before it is stored, so it is held in memory. */
const importBytesMax = 512 << 20

/** Carries archives between HTTP and the store. */
@Injectable()
export class ArchiveTransfer {
  constructor(private readonly archive: Archive) {}

  async export(response: Response): Promise<void> {
    response.status(200).type(contentType).set('Cache-Control', 'no-store')
    await this.archive.export(async (line) => {
      if (response.destroyed) throw new Error('the client of an export went away')
      if (!response.write(`${JSON.stringify(line)}\n`)) {
        await Promise.race([once(response, 'drain'), once(response, 'close')])
      }
    })
    response.end()
  }

  async import(request: Request): Promise<ImportCounts> {
    checkContentType(request, [contentType])
    return this.archive.import(await readArchive(jsonLines(request)))
  }
}

async function* jsonLines(request: Request): AsyncGenerator<unknown> {
  let bytes = 0
  let count = 0
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  for await (const line of createInterface({ input: request, crlfDelay: Infinity })) {
    count++
    if (bytes > importBytesMax) {
      throw new Problem('too-large', `An archive may have ${importBytesMax >> 20} MiB.`, {
        headers: { Connection: 'close' },
      })
    }
    if (line.trim() === '') continue
    yield parseLine(line, count)
  }
}

function parseLine(line: string, count: number): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new Problem('bad-request', `Line ${count} of the archive is not JSON.`)
  }
}
