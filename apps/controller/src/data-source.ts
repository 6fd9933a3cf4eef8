import type { EntitySchema } from 'typeorm'

/** Every entity of the controller. Each lives with the module that owns its table; this list is the only file that sees all. */
export const entities: readonly (EntitySchema | (new () => object))[] = []
