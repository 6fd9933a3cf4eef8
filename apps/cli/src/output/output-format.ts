import { InvalidArgumentError } from 'commander'
import { evaluateJsonPath, parseJsonPath, type JsonPath } from './json-path.js'

export type OutputFormat =
  | { readonly type: 'table' | 'wide' | 'json' | 'yaml' | 'name' }
  | { readonly type: 'jsonpath'; readonly path: JsonPath }

export const OUTPUT_HELP = 'table, wide, json, yaml, name or jsonpath=TEMPLATE'

/** Reads `-o`. @throws InvalidArgumentError: commander's usage error. */
export function parseOutputFormat(text: string): OutputFormat {
  if (text === 'table' || text === 'wide' || text === 'json' || text === 'yaml' || text === 'name')
    return { type: text }
  if (!text.startsWith('jsonpath=')) throw new InvalidArgumentError(`expected ${OUTPUT_HELP}`)
  try {
    return { type: 'jsonpath', path: parseJsonPath(text.slice('jsonpath='.length)) }
  } catch (error) {
    throw new InvalidArgumentError(`in the jsonpath template: ${(error as Error).message}`)
  }
}

/** What a program reads: the value whole, in the format asked for; null when the format is for people. */
export async function formatValue(value: unknown, format: OutputFormat): Promise<string | null> {
  switch (format.type) {
    case 'json':
      return JSON.stringify(value, null, 2) + '\n'
    case 'yaml':
      return (await import('yaml')).stringify(value)
    case 'jsonpath':
      return evaluateJsonPath(format.path, value)
    case 'table':
    case 'wide':
    case 'name':
      return null
  }
}
