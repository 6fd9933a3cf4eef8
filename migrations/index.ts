import type { MigrationInterface } from 'typeorm'
import { Store1764000000000 } from './1764000000000-store.js'
import { Fleet1764000000002 } from './1764000000002-fleet.js'

/** Every migration, oldest first: the order is the schema's history. Run by the controller under an advisory lock. */
export const migrations: (new () => MigrationInterface)[] = [Store1764000000000, Fleet1764000000002]
