import { afterEach, describe, expect, it } from '@jest/globals'
import { atEndOfTurn, beginTurn, endTurn, turnIsBusy, turnNowMs, type TurnTask } from './read-turn.js'

const done: string[] = []
const task = (name: string): TurnTask => ({ endOfTurn: () => void done.push(name) })
const passEnd = () => new Promise((resolve) => setImmediate(resolve))

/** Turns of one pass, as many as `count`. */
function turns(count: number): void {
  for (let i = 0; i < count; i++) {
    beginTurn()
    endTurn()
  }
}

async function makeBusy(): Promise<void> {
  // The probe comes within so many turns, and then counts those of its pass.
  turns(300)
  await passEnd()
}

afterEach(async () => {
  // A pass of one turn: the loop is not busy any more.
  turns(1)
  await passEnd()
  turns(1)
  await passEnd()
  done.length = 0
})

describe('a turn', () => {
  it('does at its end what was put aside, last first', () => {
    beginTurn()
    atEndOfTurn(task('a'))
    atEndOfTurn(task('b'))
    expect(done).toEqual([])
    endTurn()
    expect(done).toEqual(['b', 'a'])
  })

  it('has one time', () => {
    beginTurn()
    const first = turnNowMs()
    while (performance.now() === first);
    expect(turnNowMs()).toBe(first)
    endTurn()
    expect(turnNowMs()).toBeGreaterThan(first)
  })

  it('outside of one a task waits for the end of the callback', async () => {
    atEndOfTurn(task('a'))
    expect(done).toEqual([])
    await Promise.resolve()
    await new Promise((resolve) => process.nextTick(resolve))
    expect(done).toEqual(['a'])
  })

  it('of a busy loop leaves what was put aside to the end of the pass', async () => {
    await makeBusy()
    beginTurn()
    expect(turnIsBusy()).toBe(true)
    atEndOfTurn(task('a'))
    endTurn()
    expect(turnIsBusy()).toBe(false)
    beginTurn()
    atEndOfTurn(task('b'))
    endTurn()
    expect(done).toEqual([])
    await passEnd()
    expect(done).toEqual(['b', 'a'])
  })

  it('of a busy loop holds a bounded number of tasks', async () => {
    await makeBusy()
    for (let i = 0; i < 128; i++) {
      beginTurn()
      atEndOfTurn(task(String(i)))
      endTurn()
    }
    expect(done).toHaveLength(128)
  })

  it('ends at once again when a pass has few turns', async () => {
    await makeBusy()
    turns(1)
    await passEnd()
    beginTurn()
    expect(turnIsBusy()).toBe(false)
    atEndOfTurn(task('a'))
    endTurn()
    expect(done).toEqual(['a'])
  })
})
