import { Compiler } from '@fairlead/core/compile'
import { buildMesh, DEFAULT_MESH_SETTINGS, type Mesh } from '@fairlead/core/mesh'
import type { Snapshot } from '@fairlead/core/snapshot'
import { Inject, Injectable } from '@nestjs/common'
import type { HeadState } from '../revisions/mesh-head.js'
import { SETTINGS, type Settings } from '../settings/settings.js'
import { MeshCompiler, type MeshState, type SharedScope } from './mesh-compiler.js'

/** Core's compile, with one mesh a revision. */
@Injectable()
export class CoreMeshCompiler extends MeshCompiler {
  readonly #compiler = new Compiler()
  #head: HeadState | null = null
  #mesh: Mesh | null = null

  constructor(@Inject(SETTINGS) private readonly settings: Pick<Settings, 'meshDomain'>) {
    super()
  }

  override compile({ head, workloads, version }: MeshState, scope: SharedScope): Snapshot {
    // No name: what is compiled for one agent is given to all of equal scope, so it may not depend on it.
    return this.#compiler.compile({ mesh: this.#meshOf(head), workloads, scope: { ...scope, name: '' }, version })
  }

  #meshOf(head: HeadState): Mesh {
    if (this.#mesh === null || this.#head !== head) {
      const settings = { ...DEFAULT_MESH_SETTINGS, meshDomain: this.settings.meshDomain }
      this.#mesh = buildMesh({ resources: [...head.resources.values()], settings })
      this.#head = head
    }
    return this.#mesh
  }
}
