import type * as z from 'zod'
import { enforced, message, required } from './field.js'
import { port } from './scalar.js'

export const portSelector = message('PortSelector', {
  number: required(enforced(port(), 'Service port, 1 to 65535.')),
})
export type PortSelector = z.output<typeof portSelector>
