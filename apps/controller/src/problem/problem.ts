/** One thing that is wrong with a request; `path` as in `spec.http[0].route[1].weight`, empty for the whole. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
  /** Stable word for programs: `unknown-field`, `enum`, `pending`, ... */
  readonly code: string
  /** Index from 0 of the document in a multi-document body. */
  readonly document?: number
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly line?: number
  readonly column?: number
}

const kinds = {
  'bad-request': [400, 'The request cannot be read'],
  unauthorized: [401, 'A valid token is needed'],
  forbidden: [403, 'This token may not do that'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'This path does not take that method'],
  conflict: [409, 'The request conflicts with the present state'],
  gone: [410, 'That revision is no longer kept'],
  'precondition-failed': [412, 'A precondition of the request does not hold'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'The content type is not supported here'],
  invalid: [422, 'The request is not valid'],
  'too-many-requests': [429, 'Too many requests'],
  internal: [500, 'The controller failed'],
  unavailable: [503, 'The controller cannot do that now'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof kinds

export interface ProblemOptions {
  readonly errors?: readonly FieldProblem[]
  /** Response headers, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** The one error that reaches clients: `ProblemFilter` renders it as RFC 9457 `application/problem+json`. */
export class Problem extends Error {
  readonly errors: readonly FieldProblem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    readonly code: ProblemCode,
    /** What happened this time, for a person; goes to the client, so it names nothing internal. */
    detail: string,
    { errors = [], headers = {}, cause }: ProblemOptions = {},
  ) {
    super(detail, { cause })
    this.name = 'Problem'
    this.errors = errors
    this.headers = headers
  }

  get status(): number {
    return kinds[this.code][0]
  }

  get title(): string {
    return kinds[this.code][1]
  }
}
