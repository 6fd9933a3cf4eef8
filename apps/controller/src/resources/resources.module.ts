import { Module } from '@nestjs/common'
import { RevisionsModule } from '../revisions/revisions.module.js'
import { ApplyController } from './apply.controller.js'
import { Apply } from './apply.js'
import { ArchiveTransfer } from './archive-transfer.js'
import { ArchiveController } from './archive.controller.js'
import { History } from './history.js'
import { ResourceReads } from './resource-reads.js'
import { ResourceWrites } from './resource-writes.js'
import { ResourcesController } from './resources.controller.js'
import { RevisionsController } from './revisions.controller.js'
import { Watches } from './watches.js'

/** REST for mesh resources and their history. */
@Module({
  imports: [RevisionsModule],
  controllers: [ApplyController, RevisionsController, ArchiveController, ResourcesController],
  providers: [ResourceReads, ResourceWrites, Apply, History, ArchiveTransfer, Watches],
})
export class ResourcesModule {}
