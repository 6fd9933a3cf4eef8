import { type HeaderOperations } from '@fairlead/core/snapshot'
import { type FieldEdits } from '../http/head.js'

const encoder = new TextEncoder()

/** Header operations in bytes, compiled once; null if there is nothing to do. */
export function compileFieldEdits(operations: HeaderOperations | undefined): FieldEdits | null {
  if (operations === undefined || operations.drop.length + operations.append.length === 0) return null
  return {
    drop: operations.drop.map((name) => encoder.encode(name.toLowerCase())),
    append: operations.append.map(([name, value]) => ({
      name: encoder.encode(name.toLowerCase()),
      value: encoder.encode(value),
    })),
  }
}
