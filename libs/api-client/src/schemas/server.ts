import { z } from 'zod'

export const ServerVersion = z
  .object({ version: z.string(), commit: z.string().optional() })
  .meta({ id: 'ServerVersion', examples: [{ version: '0.1.0' }] })
export type ServerVersion = z.infer<typeof ServerVersion>

export const ImportResult = z
  .object({ revision: z.int(), resources: z.int(), revisions: z.int(), tokens: z.int() })
  .meta({ id: 'ImportResult', examples: [{ revision: 12, resources: 3, revisions: 12, tokens: 1 }] })
export type ImportResult = z.infer<typeof ImportResult>
