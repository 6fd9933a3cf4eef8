import { ApiError } from '@fairlead/api-client'
import type { Documents } from '../documents/source-map.js'
import { DocumentsRefused } from '../report-error.js'

/** Runs a call that sends documents, so that its refusal is told by file, line and column. */
export async function sendDocuments<T>(documents: Documents, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof ApiError ? new DocumentsRefused(error, documents) : error
  }
}
