/**
 * A named place where a test lets the process fail: `FAIRLEAD_FAILPOINT=name:nth:action`, several joined by commas. At
 * the nth passage (from 1) of the named place the process exits at once with code 77, or the place throws. Without the
 * variable a passage costs one comparison.
 */
export function failpoint(name: string): void {
  if (points === null) return
  const point = points.get(name)
  if (point === undefined || ++point.passed !== point.nth) return
  if (point.action === 'exit') process.exit(77)
  throw new Error(`failpoint ${name}`)
}

interface Point {
  readonly nth: number
  readonly action: 'exit' | 'throw'
  passed: number
}

const points = parse(process.env['FAIRLEAD_FAILPOINT'])

function parse(text: string | undefined): Map<string, Point> | null {
  if (text === undefined || text === '') return null
  return new Map(
    text.split(',').map((entry) => {
      const match = /^([a-z.-]+):(\d+):(exit|throw)$/.exec(entry.trim())
      if (match === null) throw new Error(`FAIRLEAD_FAILPOINT: ${entry} is not name:nth:exit or name:nth:throw`)
      return [match[1]!, { nth: Number(match[2]), action: match[3] as Point['action'], passed: 0 }]
    }),
  )
}
