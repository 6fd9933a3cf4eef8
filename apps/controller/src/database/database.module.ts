import { type DynamicModule, Module } from '@nestjs/common'
import { Database } from './database.js'

/** Gives every repository the open `Database`. */
@Module({})
export class DatabaseModule {
  static forRoot(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    }
  }
}
