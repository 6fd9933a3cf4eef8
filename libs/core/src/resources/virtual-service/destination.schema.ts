import type * as z from 'zod'
import { enforced, message, required } from '../common/field.js'
import { portSelector } from '../common/port-selector.js'
import { text } from '../common/scalar.js'

export const destination = message('Destination', {
  host: required(
    enforced(text(), 'A host of the registry; a short name is one of the own namespace. Unknown host: 503 NC.'),
  ),
  subset: enforced(text(), 'A subset of the DestinationRule that applies to this client. Unknown subset: 503 NC.'),
  port: enforced(
    portSelector,
    "Absent: the service's only port; with several ports, the port that the request was sent to.",
  ),
})
export type Destination = z.output<typeof destination>
