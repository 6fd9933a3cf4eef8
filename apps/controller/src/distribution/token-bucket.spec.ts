import { describe, expect, it } from '@jest/globals'
import { TokenBucket } from './token-bucket.js'

describe('TokenBucket', () => {
  it('lets a burst through, then one after the other, in turn', () => {
    const bucket = new TokenBucket(2, 10, 0)
    expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([0, 0, 100, 200])
  })

  it('fills up again, and no further than the burst', () => {
    const bucket = new TokenBucket(2, 10, 0)
    bucket.take(0)
    bucket.take(0)
    expect(bucket.take(100)).toBe(0)
    expect([1, 2, 3].map(() => bucket.take(60_000))).toEqual([0, 0, 100])
  })

  it('takes back what was not waited for', () => {
    const bucket = new TokenBucket(1, 10, 0)
    bucket.take(0)
    expect(bucket.take(0)).toBe(100)
    bucket.giveBack()
    expect(bucket.take(0)).toBe(100)
  })
})
