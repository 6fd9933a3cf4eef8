import { z } from 'zod'

/** One thing that is wrong with what was sent, at one field. */
export const ProblemError = z
  .object({
    path: z.string().meta({
      description: 'The field, as `spec.http[0].route[1].weight`; empty: the document as a whole',
      examples: ['spec.http[0].route[1].weight'],
    }),
    message: z.string().meta({ description: 'What was found, what was expected, what to do' }),
    code: z.string().meta({ description: 'A stable word for programs', examples: ['unknown-field'] }),
    document: z.int().min(0).optional().meta({ description: 'Index of the document in the body, from 0' }),
    kind: z.string().optional(),
    namespace: z.string().optional(),
    name: z.string().optional(),
    line: z.int().min(1).optional().meta({ description: '1-based line in the body as it was sent' }),
    column: z.int().min(1).optional().meta({ description: '1-based column in the body as it was sent' }),
  })
  .meta({ id: 'ProblemError' })
export type ProblemError = z.infer<typeof ProblemError>

/** RFC 9457 `application/problem+json`: the body of every answer with a status of 400 and above. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'A stable URL path a code', examples: ['/problems/invalid'] }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    instance: z.string().optional().meta({ description: 'The path that was asked for' }),
    code: z.string().meta({ examples: ['invalid'] }),
    requestId: z.string().optional().meta({ description: 'Also in the header X-Request-Id and in the log' }),
    errors: z.array(ProblemError).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'What went wrong, with every bad field (RFC 9457)',
    examples: [
      {
        type: '/problems/invalid',
        title: 'The resources are not valid',
        status: 422,
        code: 'invalid',
        requestId: 'b1946ac9',
        errors: [
          {
            path: 'spec.http[0].route[0].weigth',
            message: 'unknown field',
            code: 'unknown-field',
            line: 12,
            column: 9,
          },
        ],
      },
    ],
  })
export type Problem = z.infer<typeof Problem>
