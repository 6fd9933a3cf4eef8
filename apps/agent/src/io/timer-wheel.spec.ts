import { describe, expect, it } from '@jest/globals'
import { VirtualTime } from './testdata/virtual-time.js'
import { Timer, TimerWheel } from './timer-wheel.js'

function setUp() {
  const clock = new VirtualTime()
  const wheel = new TimerWheel(clock)
  const fired: number[] = []
  const timer = (act = () => {}) => {
    const made: Timer = new Timer(wheel, {
      onTimer: () => {
        fired.push(clock.time)
        act()
      },
    })
    return made
  }
  return { clock, wheel, fired, timer }
}

describe('TimerWheel', () => {
  it.each([0, 1, 10, 95, 5_110, 5_120, 5_130, 60_000])('fires once, after %d ms and soon', (ms) => {
    const { clock, fired, timer } = setUp()
    timer().arm(ms)
    clock.pass(ms + 10_000)
    expect(fired).toHaveLength(1)
    expect(fired[0]! - 1_000).toBeGreaterThanOrEqual(ms)
    expect(fired[0]! - 1_000).toBeLessThanOrEqual(ms + 20)
  })

  it('moves a deadline later and earlier', () => {
    const { clock, fired, timer } = setUp()
    const moved = timer()
    moved.arm(100)
    clock.pass(90)
    moved.arm(100)
    clock.pass(90)
    expect(fired).toEqual([])
    moved.arm(5_000)
    moved.arm(50)
    clock.pass(70)
    expect(fired).toEqual([1_240])
    clock.pass(10_000)
    expect(fired).toHaveLength(1)
  })

  it('does not fire what was cancelled, and stops ticking when nothing is left', () => {
    const { clock, wheel, fired, timer } = setUp()
    const one = timer()
    const other = timer()
    one.arm(100)
    other.arm(100)
    one.cancel()
    other.release()
    expect(one.armed).toBe(false)
    expect(wheel.size).toBe(1)
    clock.pass(200)
    expect(fired).toEqual([])
    expect(wheel.size).toBe(0)
    expect(clock.tick).toBeNull()
    one.arm(10)
    clock.pass(100)
    expect(fired).toHaveLength(1)
  })

  it('lets a callback arm itself, and release a timer that is due in the same tick', () => {
    const { clock, fired, timer } = setUp()
    let again = 3
    const self: Timer = timer(() => {
      if (--again > 0) self.arm(0)
    })
    self.arm(0)
    clock.pass(200)
    expect(fired).toHaveLength(3)
    const late = timer()
    const killer = timer(() => late.release())
    late.arm(50)
    killer.arm(50)
    clock.pass(100)
    expect(fired).toHaveLength(4)
  })

  it("walks a blocked loop's time in steps, so that sockets are read in between", () => {
    const { clock, fired, timer } = setUp()
    const saved = timer()
    const lost = timer()
    saved.arm(3_000)
    lost.arm(3_000)
    clock.time += 4_000
    clock.tick?.()
    expect(fired).toEqual([])
    saved.arm(3_000)
    for (let turns = 0; turns < 40; turns++) clock.tick?.()
    expect(fired).toHaveLength(1)
    expect(saved.armed).toBe(true)
  })

  it('keeps 10,000 timers apart', () => {
    const { clock, wheel, fired, timer } = setUp()
    for (let i = 0; i < 10_000; i++) timer().arm(i)
    clock.pass(5_000)
    expect(fired.length).toBeGreaterThan(4_900)
    expect(fired.length).toBeLessThan(5_000)
    clock.pass(6_000)
    expect(fired).toHaveLength(10_000)
    expect(wheel.size).toBe(0)
  })
})
