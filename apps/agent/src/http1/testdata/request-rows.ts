import { CHUNK_ROWS } from './rows/chunks.js'
import { FIELD_ROWS } from './rows/fields.js'
import { FRAMING_ROWS } from './rows/framing.js'
import { HOP_BY_HOP_ROWS } from './rows/hop-by-hop.js'
import { HOST_ROWS } from './rows/hosts.js'
import { PIPELINE_ROWS } from './rows/pipelines.js'
import { REQUEST_LINE_ROWS } from './rows/request-lines.js'
import { TARGET_ROWS } from './rows/targets.js'
import { type RequestRow } from './rows/request-row.js'

export type { RequestRow }

export const REQUEST_ROWS: readonly RequestRow[] = [
  ...REQUEST_LINE_ROWS,
  ...TARGET_ROWS,
  ...HOST_ROWS,
  ...FIELD_ROWS,
  ...FRAMING_ROWS,
  ...CHUNK_ROWS,
  ...HOP_BY_HOP_ROWS,
  ...PIPELINE_ROWS,
]
