/** Every migration, oldest first: the order is the schema's history. Run by the controller under an advisory lock. */
export const migrations: (new () => import('typeorm').MigrationInterface)[] = []
