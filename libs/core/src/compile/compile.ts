import { buildSnapshot, encodePart, type EncodedPart, type PartKey, type Snapshot } from '../snapshot/index.js'
import { clusterTasks } from './clusters.js'
import type { CompileInput } from './compile-input.js'
import { endpointsTasks } from './endpoints.js'
import { listenerTasks } from './listeners.js'
import type { PartTask } from './part-task.js'
import { routeTasks } from './routes.js'

/** What an agent gets, in order. A new kind of part is one more line. */
const PART_COMPILERS: readonly ((input: CompileInput) => readonly PartTask[])[] = [
  listenerTasks,
  routeTasks,
  clusterTasks,
  endpointsTasks,
]

/**
 * Compiles snapshots, and remembers parts by what they were made of: the same input does no work, and agents share the
 * very same encoded parts. A generation is all calls for one mesh and one list of workloads; what neither it nor the
 * generation before it used is forgotten.
 */
export class Compiler {
  #current = new PartMemo()
  #previous = new PartMemo()
  #mesh: CompileInput['mesh'] | null = null
  #workloads: CompileInput['workloads'] | null = null

  compile(input: CompileInput): Snapshot {
    this.#enterGeneration(input)
    const parts = new Map<PartKey, EncodedPart>()
    for (const tasks of PART_COMPILERS) {
      for (const task of tasks(input)) if (!parts.has(task.key)) parts.set(task.key, this.#part(task))
    }
    return buildSnapshot(input.version, parts.values())
  }

  #enterGeneration({ mesh, workloads }: CompileInput): void {
    if (mesh === this.#mesh && workloads === this.#workloads) return
    this.#mesh = mesh
    this.#workloads = workloads
    this.#previous = this.#current
    this.#current = new PartMemo()
  }

  #part(task: PartTask): EncodedPart {
    const known = this.#current.get(task)
    if (known !== undefined) return known
    const part = this.#previous.get(task) ?? this.#shared(encodePart(task.compile()))
    this.#current.set(task, part)
    return part
  }

  /** Different inputs may come to the same bytes: then it is the same part. */
  #shared(part: EncodedPart): EncodedPart {
    return this.#current.find(part) ?? this.#previous.find(part) ?? part
  }
}

/** Parts of one generation, by key and input hash, and by key and content. */
class PartMemo {
  readonly #byInput = new Map<string, EncodedPart>()
  readonly #byContent = new Map<string, EncodedPart>()

  get({ key, inputHash }: PartTask): EncodedPart | undefined {
    return this.#byInput.get(`${inputHash} ${key}`)
  }

  find({ key, hash }: EncodedPart): EncodedPart | undefined {
    return this.#byContent.get(`${hash} ${key}`)
  }

  set({ key, inputHash }: PartTask, part: EncodedPart): void {
    this.#byInput.set(`${inputHash} ${key}`, part)
    this.#byContent.set(`${part.hash} ${key}`, part)
  }
}
