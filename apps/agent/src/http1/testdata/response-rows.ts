import { RESPONSE_END_ROWS } from './rows/response-ends.js'
import { RESPONSE_FRAMING_ROWS } from './rows/response-framing.js'
import { RESPONSE_HEAD_ROWS } from './rows/response-heads.js'
import { RESPONSE_UPGRADE_ROWS } from './rows/response-upgrades.js'
import { type ResponseRow } from './rows/response-row.js'

export type { ResponseRow }

export const RESPONSE_ROWS: readonly ResponseRow[] = [
  ...RESPONSE_HEAD_ROWS,
  ...RESPONSE_FRAMING_ROWS,
  ...RESPONSE_END_ROWS,
  ...RESPONSE_UPGRADE_ROWS,
]
