import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { Request } from 'express'
import { Problem } from '../problem/problem.js'

/** Of one request; a document in it may have 1 MiB. */
export const requestBytesMax = 64 << 20

/** A request's body as text, and what it says it is. */
export interface RequestBody {
  readonly contentType: string
  readonly text: string
}

/**
 * The body, as a parameter of a controller's method. It is read here and not by a middleware, so that nobody can fill
 * memory before the guard has let them in.
 * @throws Problem bad-request (empty, not UTF-8), too-large, unsupported-media-type
 */
export const Body = createParamDecorator(
  (contentTypes: readonly string[], context: ExecutionContext): Promise<RequestBody> =>
    readBody(context.switchToHttp().getRequest<Request>(), contentTypes),
)

export async function readBody(request: Request, contentTypes: readonly string[]): Promise<RequestBody> {
  const contentType = checkContentType(request, contentTypes)
  const chunks: Buffer[] = []
  let length = 0
  if (Number(request.headers['content-length'] ?? 0) > requestBytesMax) throw tooLarge()
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > requestBytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  const text = decode(Buffer.concat(chunks))
  if (text.trim() === '') throw new Problem('bad-request', 'The body is empty.')
  return { contentType, text }
}

/** The media type without its parameters. @throws Problem unsupported-media-type */
export function checkContentType(request: Request, contentTypes: readonly string[]): string {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='))
  const supported = `Supported here: ${contentTypes.join(', ')}; in UTF-8, not encoded.`
  if (!contentTypes.includes(type.trim())) {
    const detail = type === '' ? 'The request has no Content-Type.' : `Content-Type "${type.trim()}" is not supported.`
    throw new Problem('unsupported-media-type', `${detail} ${supported}`)
  }
  if (charset !== undefined && !/^charset="?utf-8"?$/.test(charset)) {
    throw new Problem('unsupported-media-type', `The body has ${charset}. ${supported}`)
  }
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new Problem('unsupported-media-type', `Content-Encoding "${encoding}" is not supported. ${supported}`)
  }
  return type.trim()
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Problem('bad-request', 'The body is not UTF-8.')
  }
}

function tooLarge(): Problem {
  // What is left of the body is not read, so the connection cannot serve another request.
  return new Problem('too-large', `A request may have ${requestBytesMax >> 20} MiB.`, {
    headers: { Connection: 'close' },
  })
}
