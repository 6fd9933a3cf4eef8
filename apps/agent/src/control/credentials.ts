import { readFile } from 'node:fs/promises'
import { ChannelCredentials, Metadata } from '@grpc/grpc-js'

export interface ControllerAddress {
  /** Name or IP address without brackets. */
  readonly host: string
  readonly port: number
  readonly tokenFile: string
  /** PEM; null: plaintext. */
  readonly caFile: string | null
}

export interface Access {
  readonly credentials: ChannelCredentials
  readonly metadata: Metadata
}

/** Read again at each connect, so that a rotated token or certificate needs no restart. Rejects with what is wrong. */
export async function readAccess(controller: ControllerAddress): Promise<Access> {
  const token = (await readNamed('join token', controller.tokenFile)).toString('utf8').trim()
  // A header value: RFC 6750's b64token, so that a wrong file is named here and not by an HTTP/2 library.
  if (!/^[-\w.~+/]+=*$/.test(token)) throw new Error(`${controller.tokenFile} holds no token`)
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${token}`)
  if (controller.caFile === null) return { credentials: ChannelCredentials.createInsecure(), metadata }
  const ca = await readNamed('CA certificates', controller.caFile)
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`${controller.caFile} holds no PEM certificate`)
  return { credentials: ChannelCredentials.createSsl(ca), metadata }
}

async function readNamed(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new Error(`cannot read the ${what}: ${(error as Error).message}`)
  }
}
