/** Longer inputs are split at their first and last positions only: what lies between is one long run. */
const SPLIT_MAX = 300

/** The input byte by byte, and in two pieces at every position. */
export function* splits(input: string): Iterable<string[]> {
  yield [...input]
  for (let at = 1; at < input.length; at++) {
    if (at === SPLIT_MAX / 2 && input.length > SPLIT_MAX) at = input.length - SPLIT_MAX / 2
    yield [input.slice(0, at), input.slice(at)]
  }
}
