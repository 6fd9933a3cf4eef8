import { Module } from '@nestjs/common'
import { AccessModule } from '../access/access.module.js'
import { Archive } from './archive.js'
import { LiveMeshHead } from './live-mesh-head.js'
import { MeshHead } from './mesh-head.js'
import { RevisionStore } from './revision-store.js'
import { RevisionsRepository } from './revisions.repository.js'

/** The history of the mesh and its newest state. Other modules inject `MeshHead`; `resources` writes by `RevisionStore`. */
@Module({
  imports: [AccessModule],
  providers: [
    RevisionsRepository,
    LiveMeshHead,
    { provide: MeshHead, useExisting: LiveMeshHead },
    RevisionStore,
    Archive,
  ],
  exports: [MeshHead, LiveMeshHead, RevisionStore, Archive],
})
export class RevisionsModule {}
