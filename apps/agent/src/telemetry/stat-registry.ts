import { type StatBlock } from './stat-block.js'

/**
 * All blocks that can be read now, in the order they came. Owners add a block when config is applied and remove it when
 * what it counts is gone, so the set of names is bounded by the config.
 */
export class StatRegistry {
  private readonly blocks = new Set<StatBlock>()

  add(block: StatBlock): void {
    this.blocks.add(block)
  }

  remove(block: StatBlock): void {
    this.blocks.delete(block)
  }

  list(): StatBlock[] {
    return [...this.blocks]
  }
}
