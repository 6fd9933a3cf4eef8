import { Injectable } from '@nestjs/common'

/** Time as the registry sees it; a test brings its own. */
@Injectable()
export class Clock {
  /** For durations: never jumps. */
  monotonicMs(): number {
    return performance.now()
  }

  /** For people. */
  now(): Date {
    return new Date()
  }
}
