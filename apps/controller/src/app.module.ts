import { type DynamicModule, Module } from '@nestjs/common'
import { AccessModule } from './access/access.module.js'
import type { Database } from './database/database.js'
import { DatabaseModule } from './database/database.module.js'
import { DistributionModule } from './distribution/distribution.module.js'
import { FleetModule } from './fleet/fleet.module.js'
import { ProbesController } from './probes.controller.js'
import { ResourcesModule } from './resources/resources.module.js'
import { RevisionsModule } from './revisions/revisions.module.js'
import type { Settings } from './settings/settings.js'
import { SettingsModule } from './settings/settings.module.js'

/** The whole controller. The open database comes from outside, as it outlives the modules in a stop. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forRoot(settings),
        DatabaseModule.forRoot(database),
        AccessModule,
        RevisionsModule,
        FleetModule,
        DistributionModule,
        ResourcesModule,
      ],
      controllers: [ProbesController],
    }
  }
}
