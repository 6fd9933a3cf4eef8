import { waitFor } from '@fairlead/testkit'

/** Resolves when the number stood still for ten looks in a row. */
export async function settled(read: () => number): Promise<void> {
  let last = -1
  let still = 0
  await waitFor('things to come to rest', () => {
    still = read() === last ? still + 1 : 0
    last = read()
    return still >= 10
  })
}
